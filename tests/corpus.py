"""Values as assistants have them, with and without credentials: what masking and warnings are measured by.

All of it was written for these tests. Credentials are put together, so that no scanner takes them for real ones.
"""

from __future__ import annotations

from typing import Any

HARMLESS: list[dict[str, Any]] = [
    {"token_usage": {"enabled": True}},
    {"token_usage": {"enabled": True, "model": "gpt-4o-mini", "per": "run"}},
    {"token_counting": "tiktoken"},
    {"token_counter": "approximate"},
    {"token": {"counting": {"encoding": "cl100k_base", "on": True}}},
    {"api_keys": {"OPENAI_API_KEY": None, "TAVILY_API_KEY": None}},
    {"api_keys": {"openai": "${OPENAI_API_KEY}", "tavily": "{{ tavily_key }}"}},
    {"api_key": "OPENAI_API_KEY"},
    {"api_key": "env:OPENAI_API_KEY"},
    {"api_key": "os.environ/ANTHROPIC_API_KEY"},
    {"api_key": "<your key>"},
    {"api_key_header": "X-Goog-Api-Key"},
    {"headers": {"Authorization": "Bearer ${GH}"}},
    {"headers": {"Authorization": "Bearer {{ token }}", "X-Api-Key": "$SEARCH_KEY"}},
    {"headers": {"authorization": "Basic %(basic)s"}},
    {"mcp": {"auth": {"token": "$GITHUB_TOKEN"}}},
    {"auth": {"type": "bearer", "token": "github"}},
    {"auth": {"credentials": "service_account"}},
    {"credentials": {"type": "authorized_user", "source": "workload"}},
    {"credentials": "vault:teams/care/search"},
    {"credentials": "/run/secrets/search"},
    {"credentials": "arn:aws:secretsmanager:eu-west-1:1:secret:care"},
    {"secret": "secretref:care/search"},
    {"secret": "${{ secrets.SEARCH }}"},
    {"password": "${DB_PASSWORD}"},
    {"password": "required"},
    {"password_policy": {"min_length": 12, "hint": "Letters and digits"}},
    {"password_prompt": "Ask the customer for the last 4 digits, never for the password."},
    {"cookies": False},
    {"cookie": "essential"},
    {"cookie_banner": "We use cookies."},
    {"dsn": None},
    {"access_token": ""},
    {"max_tokens": 4096, "token_budget": 100000, "token_limit": "16k"},
    {"session_token_ttl": "30m", "id_token": 5},
    {"bot_token_env": "SLACK_BOT_TOKEN"},
    {"bearer": True},
    {"authorization": {"required": True, "scopes": ["read", "write"]}},
    {"authorization": "on-behalf-of"},
    {"private_key": "none"},
    {"tools": [{"name": "search", "parameters": {"properties": {"api_key": {"type": "string"}}}}]},
    {"secrets": ["OPENAI_API_KEY", "TAVILY_API_KEY"]},
    {"secretary": "Ann", "monkey": "x", "keyboard": "qwerty", "tokenizer": "o200k"},
]
"""Configurations in which nothing is a credential, although most have a name of one."""

SECRET: list[dict[str, Any]] = [
    {"api_key": "hunter2"},
    {"api_key": "9f8e7d6c5b4a"},
    {"apiKey": "Zm9vYmFyYmF6"},
    {"api_keys": {"openai": None, "tavily": "k3yk3yk3y"}},
    {"api_keys": ["9f8e7d6c5b4a"]},
    {"password": "swordfish"},
    {"password": "correct horse battery staple"},
    {"db": {"passwd": "hunter2"}},
    {"client_secret": "changeit"},
    {"token": "62e209ca-9154-432a-b9e9-2d75c7a9219b"},
    {"token": "1234567890:AAF-made_up"},
    {"headers": {"Authorization": "Basic YW5uOm1hZGV1cA=="}},
    {"headers": {"Authorization": "Token 9f8e7d6c5b4a"}},
    {"headers": {"X-Api-Key": "9f8e7d6c5b4a"}},
    {"cookie": "session=9f8e7d6c5b4a"},
    {"dsn": "https://9f8e7d6c5b4a@errors.example/1"},
    {"connection_string": "Server=db;User=app;Pwd=hunter2"},
    {"credentials": {"type": "service_account", "token": "9f8e7d6c5b4a"}},
    {"access_token": "abcdefghijklmnopqrstuvwxyzabcdef"},
    {"private_key": "MIIEvQIBADANBgkq"},
    {"note": "AKIA" + "ABCD1234" * 2},
    {"url": "postgresql://app:" + "hunter2@db.internal/x"},
    {"list": [{"deep": "ghp_" + "a1B2" * 9}]},
]
"""Configurations with a credential each."""

PROMPTS: list[str] = [
    "You are the support agent of Acme. Never ask for a password, an API key or a token.",
    "If the customer sends a password, answer: please never share your password: it is not needed.",
    "Authorization: explain to the customer how to sign in. Bearer tokens are for developers only.",
    "Use the header 'Authorization: Bearer <token>' in examples.",
    "Examples use https://user@example.org and https://example.org/@ann, never a real login.",
    "The key sk-... is a placeholder; write YOUR_API_KEY instead.",
    "Our products are named ask-for-the-manager-in-charge and internationalization-suite-2026.",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "Count the tokens: max_tokens = 4096; token: the smallest part of a text.",
    "A JSON web token has three parts that begin with eyJ; explain them.",
    "Set OPENAI_API_KEY=${OPENAI_API_KEY} and restart.",
    "mailto:ann@example.org or https://example.org:8443/a?b=c",
]
"""Texts without a credential that speak of some."""

PROMPTS_WITH_A_SECRET: list[str] = [
    "Call the API with sk-" + "a1B2" * 8 + " as the key.",
    "curl -H 'Authorization: Bearer " + "a1b2c3d4" * 3 + "' https://example.org",
    "Connect to postgresql://app:" + "hunter2@db.internal/x for orders.",
    "Example login: https://ann:" + "hunter2@example.org/help",
    "token eyJhbGciOi" + "JIUzI1.eyJzdWIiOiIx" + "MjM0.abc",
    "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----",
    "Slack: xoxb-" + "1234567890-abc",
    "LangSmith: lsv2_pt_" + "0a1b" * 8,
]
"""Texts with a credential each."""
