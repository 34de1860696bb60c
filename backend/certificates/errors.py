"""What can be wrong with a certificate, each with what to do."""

from __future__ import annotations

from backend.errors import AppError, ServiceUnavailable


class ContestNotFinal(AppError):
    """The draw's last block may still be replaced; a certificate is made once it cannot, in a minute or so"""

    status = 409


class CertificateFailed(ServiceUnavailable):
    """The certificate could not be typeset in the time it may take; try again shortly"""
