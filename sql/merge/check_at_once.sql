-- Constraints that could wait for the commit, where nobody could tell any more which row it was.
SET CONSTRAINTS ALL IMMEDIATE
