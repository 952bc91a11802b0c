"""The model that answers without a key: speaks Anthropic's and OpenAI's streams, obeys directives in the message."""
