"""The contenders: how each is built, trained and quantised."""
