-- Schema 2: the day's best result, for the trailing loss, and why each order was sent. Adds only: schema 1's programs go on writing.
ALTER TABLE day_loss ADD COLUMN peak REAL NOT NULL DEFAULT 0;
CREATE TABLE decisions(coid TEXT PRIMARY KEY, seq INTEGER NOT NULL, why TEXT NOT NULL);
