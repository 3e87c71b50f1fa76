-- Back to schema 1. A trailing lockout, which schema 1's programs do not know, becomes one that they do: never weaker.
INSERT OR IGNORE INTO lockouts(kind, day, seq) SELECT 'daily-loss', day, seq FROM lockouts WHERE kind = 'trailing-loss';
DELETE FROM lockouts WHERE kind = 'trailing-loss';
DELETE FROM violations WHERE rule = 'trailing-loss';
ALTER TABLE day_loss DROP COLUMN peak;
DROP TABLE decisions;
