// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVestingBook} from "./IVestingBook.sol";

/// @title Giving a grant to another beneficiary: by its own, in two steps, or when the key is lost
/// @notice Recovery: the plan's creator names a candidate. For 30 days the beneficiary can veto, and anything
/// the beneficiary does with the grant is a veto; then the candidate has 30 days to take it over. Meanwhile
/// nothing is pushed to the beneficiary's address. After a proposal, whatever became of it, the next has to wait until
/// 180 days after its period.
interface IVestingTransfer is IVestingBook {
    /// @notice The beneficiary offered the grant to `to`; zero takes the offer back.
    event TransferProposed(uint256 indexed grantId, address indexed from, address indexed to);
    /// @notice The grant is now that of `to`, by transfer or recovery; its votes are nobody's.
    event BeneficiaryChanged(uint256 indexed grantId, address indexed from, address indexed to);
    /// @notice `candidate` can take the grant over from `readyAt` (Unix seconds) on, unless there is a veto.
    event RecoveryProposed(uint256 indexed grantId, address indexed candidate, uint64 readyAt);
    /// @notice The beneficiary acted, which ends the recovery.
    event RecoveryVetoed(uint256 indexed grantId, address indexed candidate);
    /// @notice No recovery of this grant can be proposed as long as the beneficiary is the same.
    event RecoveryForbidden(uint256 indexed grantId);

    /// @notice The zero address cannot have a grant.
    error VestingBeneficiaryInvalid(address beneficiary);
    /// @notice The grant is not offered to the caller.
    error VestingNotProposed(uint256 grantId, address caller);
    /// @notice The next recovery can be proposed at `from`.
    error VestingRecoveryTooSoon(uint256 grantId, uint256 from);
    /// @notice The challenge lasts until `readyAt` (Unix seconds).
    error VestingRecoveryNotReady(uint256 grantId, uint256 readyAt);
    /// @notice The candidate could take it over until `expiredAt` (Unix seconds).
    error VestingRecoveryExpired(uint256 grantId, uint256 expiredAt);
    /// @notice There is no recovery to end.
    error VestingRecoveryNone(uint256 grantId);

    /// @notice The beneficiary names who may take the grant over; the zero address takes it back.
    function proposeTransfer(uint256 grantId, address to) external;

    /// @notice Takes over a grant that was offered to the caller.
    function acceptTransfer(uint256 grantId) external;

    /// @notice The plan's creator names who shall have a grant whose key is lost.
    function proposeRecovery(uint256 grantId, address candidate) external;

    /// @notice The beneficiary ends a recovery.
    function vetoRecovery(uint256 grantId) external;

    /// @notice The beneficiary refuses recovery of the grant for as long as it is theirs.
    function forbidRecovery(uint256 grantId) external;

    /// @notice The candidate takes the grant over, after the period.
    function completeRecovery(uint256 grantId) external;

    /// @notice Who may {acceptTransfer}, and the open recovery; zeros when there is none.
    function proposalsOf(
        uint256 grantId
    ) external view returns (address offeredTo, address candidate, uint64 readyAt);
}
