"""One file a step of the walk. A package, or another `pages` on the path would be imported in its place."""
