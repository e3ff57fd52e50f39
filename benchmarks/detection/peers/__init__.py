"""Published rules on the same counts, written anew from their sources, to compare with."""
