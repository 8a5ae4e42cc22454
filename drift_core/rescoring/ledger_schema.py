"""The tables of a ledger: settings, runs, calls, and the answer of each pair."""

SCHEMA = 1
# The number that SQLite files of this kind carry, so that no other file is taken for one.
APPLICATION = {"application_id": 0x44445253, "user_version": SCHEMA}
CREATE = f"""
BEGIN IMMEDIATE;
PRAGMA application_id = {APPLICATION["application_id"]};
PRAGMA user_version = {SCHEMA};
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE call (
  id INTEGER PRIMARY KEY, pair_digest TEXT NOT NULL, at_utc TEXT NOT NULL, reserve INTEGER NOT NULL,
  cost INTEGER, outcome TEXT, reason TEXT, seconds REAL, tokens_in INTEGER, tokens_out INTEGER,
  model TEXT, fingerprint TEXT, answer TEXT
);
CREATE TABLE answer (
  pair_digest TEXT PRIMARY KEY, state TEXT NOT NULL, score REAL, answer TEXT, reason TEXT,
  model TEXT, fingerprint TEXT, at_utc TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE run (
  id INTEGER PRIMARY KEY, began_utc TEXT NOT NULL, endpoint TEXT NOT NULL, first_call INTEGER NOT NULL,
  ended_utc TEXT, end_kind TEXT, end_sentence TEXT
);
COMMIT;
"""
ANSWER = "answer"  # of the teacher's revision, with a score or without
TROUBLE = "trouble"  # it gave no answer
REJECTED = "rejected"  # the request itself, for its pair: it is not asked again unless that is wished
OTHER_REVISION, OTHER_SETTINGS = "other revision", "other settings"
NOT_SENT = "not sent"  # no connection was got: it counts as no call
BEGIN_CALL = "INSERT INTO call (id, pair_digest, at_utc, reserve) VALUES (?, ?, ?, ?)"
SETTLE_CALL = (
    "UPDATE call SET cost = ?, outcome = ?, reason = ?, seconds = ?, tokens_in = ?, tokens_out = ?, model = ?, "
    "fingerprint = ?, answer = ? WHERE id = ?"
)
PUT_SCORE = "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
# A try that gives no score takes the place of nothing but a failure: what the teacher said first stays.
PUT_UNSCORED = (
    "INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (pair_digest) DO UPDATE SET "
    "state = excluded.state, score = excluded.score, answer = excluded.answer, reason = excluded.reason, "
    "model = excluded.model, fingerprint = excluded.fingerprint, at_utc = excluded.at_utc WHERE state = 'failed'"
)
# Failed pairs of which the last call was rejected.
LAST_REJECTED = f"""
SELECT pair_digest FROM call JOIN (
  SELECT max(id) AS last FROM call WHERE pair_digest IN (SELECT pair_digest FROM answer WHERE state = 'failed')
  AND outcome IS NOT '{NOT_SENT}' GROUP BY pair_digest
) ON id = last WHERE outcome = '{REJECTED}'
"""
PUT_SETTING = "INSERT OR REPLACE INTO setting VALUES (?, ?)"
# Settings change where nothing was answered; what was paid stays with the calls.
FORGET = (
    "DELETE FROM answer",
    "DELETE FROM setting WHERE name = 'limit_name'",
    f"UPDATE call SET outcome = '{OTHER_SETTINGS}' WHERE outcome = '{OTHER_REVISION}'",
    "INSERT OR REPLACE INTO setting SELECT 'answers_since', coalesce(max(id), 0) + 1 FROM call",
)
