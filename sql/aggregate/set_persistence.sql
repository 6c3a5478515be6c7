-- This rewrites the marks, so they no longer confirm the counts, and the caller recounts.
ALTER TABLE {storage} SET {kind};
ALTER TABLE {marks} SET {kind}
