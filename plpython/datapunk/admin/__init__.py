"""Administration: provisioning, installing, supervising and checking a Datapunk server."""
