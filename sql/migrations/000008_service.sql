-- Who may use "dasy serve", and what it must remember between two requests.

-- Only the SHA-256 of a token is stored. Its name is free again once it is revoked.
CREATE TABLE dasy.tokens (
  token       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name        text NOT NULL,
  scope       text NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
  hash        bytea NOT NULL UNIQUE,
  created_at  timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz,
  revoked_at  timestamptz
);

CREATE UNIQUE INDEX tokens_name ON dasy.tokens (name) WHERE revoked_at IS NULL;

-- The page's sessions: hash is the SHA-256 of the cookie.
CREATE TABLE dasy.sessions (
  hash        bytea PRIMARY KEY,
  token       bigint NOT NULL REFERENCES dasy.tokens ON DELETE CASCADE,
  expires_at  timestamptz NOT NULL
);

CREATE INDEX sessions_token ON dasy.sessions (token);

-- Requests with an Idempotency-Key, and the run that each has made. fingerprint: the SHA-256 of what was requested.
CREATE TABLE dasy.requests (
  token        bigint NOT NULL REFERENCES dasy.tokens ON DELETE CASCADE,
  key          text NOT NULL,
  fingerprint  bytea NOT NULL,
  run          bigint NOT NULL,
  made_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (token, key)
);

CREATE INDEX requests_age ON dasy.requests (made_at);
