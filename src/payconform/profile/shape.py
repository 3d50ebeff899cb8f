"""The keys of a profile and what each may hold. Defaults are those of the model; schemas/formats/profile.json says the same."""

from payconform.model.clause import PAYING_MODES
from payconform.model.profile import Role
from payconform.profile.kinds import (
    Required,
    address,
    amounts,
    any_text,
    choice,
    currency,
    header_value,
    http_url,
    many,
    mapping,
    positive,
    regex,
    table,
    text,
    url_or_nothing,
    variable,
    whole,
)

_NO_SECRETS = "secrets never stand in a profile; name the environment variable that holds it, as in {}"

PROFILE = table(
    {
        "target": Required(
            table(
                {
                    "name": Required(text),
                    "environment": Required(choice("sandbox", "live")),
                    "base_url": Required(http_url),
                    "dialect": choice("guide", "lesspay2"),
                    "headers": mapping(header_value),
                }
            )
        ),
        "auth": table(
            {"signer": text, "headers_env": mapping(variable), "app_id_env": variable, "secret_env": variable},
            elsewhere={
                "secret": _NO_SECRETS.format('secret_env = "LESSPAY2_SECRET"'),
                "app_id": _NO_SECRETS.format('app_id_env = "LESSPAY2_APP_ID"'),
            }
            | dict.fromkeys(
                ("headers", "api_key", "key", "token", "password"),
                _NO_SECRETS.format('headers_env = { "X-Api-Key" = "SANDBOX_API_KEY" }'),
            ),
        ),
        "modes": table({"enabled": Required(many(choice(*(mode.value for mode in PAYING_MODES))))}),
        "cards": many(
            table(
                {
                    "role": Required(choice(*(role.value for role in Role))),
                    "number": any_text,
                    "number_env": variable,
                    "expiry_month": Required(whole(1, 12)),
                    "expiry_year": Required(whole(2000, 2199)),
                    "cvv": any_text,
                    "cvv_env": variable,
                }
            )
        ),
        "callbacks": table(
            {
                "inbox": choice("receiver", "service", "none", later=("folder",)),
                "bind": address,
                "public_url": url_or_nothing,
                "service_url": url_or_nothing,
                "token_env": variable,
                "deadline_s": positive,
                "quiet_window_s": positive,
                "redelivery_s": positive,
                "acknowledge": table({"status": whole(200, 599), "body": any_text}),
            },
            elsewhere={"token": _NO_SECRETS.format('token_env = "PAYCONFORM_TOKEN"')},
        ),
        "payer": table(
            {
                "kind": choice("form", "none", later=("browser", "human")),
                "pages": many(
                    table(
                        {
                            "name": Required(text),
                            "match": Required(table({"field": text, "url": regex, "text": regex})),
                            "fill": mapping(any_text),
                            "fill_reject": mapping(any_text),
                            "submit": any_text,
                        }
                    )
                ),
            }
        ),
        "limits": table(
            {
                "requests_per_second": positive,
                "concurrency": whole(1),
                "request_timeout_s": positive,
                "examples": whole(1),
                "requests": whole(1),
                "seconds": positive,
                "request_id_max": whole(8),
                "product_name_max": whole(1),
                "description_max": whole(1),
                "amounts": amounts,
                "currencies": many(currency),
            }
        ),
        "readings": mapping(text),
    }
)
