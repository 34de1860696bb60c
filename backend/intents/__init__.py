"""What custodial users want done on chain: accepted here, signed and sent by `backend.sender`."""
