"""Run folders, files and manifests."""
