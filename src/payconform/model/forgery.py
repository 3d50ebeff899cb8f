"""Ways in which the credentials of a request go wrong (companion page Authentication, clauses AU-02 to AU-07 and AU-10)."""

from enum import StrEnum


class Forgery(StrEnum):
    """What is done to the authentication headers of a request after it was signed. The last two leave it lawful (AU-10)."""

    NONE = ""
    NO_SIGNATURE = "no signature"
    EMPTY_SIGNATURE = "an empty signature"
    OTHER_SECRET = "signed with another secret"
    FIRST_DIGIT = "first digit of the signature changed"
    LAST_DIGIT = "last digit of the signature changed"
    HALF = "only the first half of the signature"
    LONGER = "a digit behind the signature"
    LOWER_CASE = "signature in lower case"
    NO_APP_ID = "no application id"
    UNKNOWN_APP_ID = "unknown application id"
    NEAR_APP_ID = "last character of the application id changed"
    NO_TIMESTAMP = "no timestamp"
    WORD_FOR_TIMESTAMP = "timestamp is a word"
    LETTERS_BEHIND_TIMESTAMP = "letters behind the timestamp"
    DAY_OLD = "timestamp a day old"
    DAY_AHEAD = "timestamp a day ahead"
    LOWER_NAMES = "header names in lower case"
    UPPER_NAMES = "header names in upper case"
