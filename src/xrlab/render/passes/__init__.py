"""The passes of one picture. Each holds its program and buffers, takes plain arrays, and draws into what is bound."""
