"""What people agreed to: versions of terms and privacy notice, and what they allow and may take back.

Rows are only added: what was agreed to when can be told for as long as the account is there.
"""
