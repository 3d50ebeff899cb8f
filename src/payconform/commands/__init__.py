"""The commands of `payconform`, a module each: `run` takes the arguments after the command's name and gives the exit code."""
