// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVestingBook} from "./IVestingBook.sol";

/// @title Paying out what is vested
interface IVestingRelease is IVestingBook {
    /// @notice The beneficiary is in {BeneficiaryChanged} or {Granted}, the token in the plan.
    event Released(uint256 indexed grantId, address indexed to, uint96 amount, uint96 totalReleased);
    /// @notice Releases were taken off {booked}.
    event Settled(address indexed token, uint256 amount);
    /// @notice What was held above {booked} was sent away.
    event SurplusSwept(address indexed token, address indexed to, uint256 amount);

    /// @notice Nothing is vested that was not released.
    error VestingNothingToRelease(uint256 grantId);
    /// @notice While a recovery is open, only the beneficiary can take from the grant.
    error VestingRecoveryPending(uint256 grantId, address candidate);
    /// @notice The signature was good until `deadline` (Unix seconds).
    error VestingSignatureExpired(uint256 deadline);
    /// @notice The signature is not by `signer`, for another call, or used before.
    error VestingSignatureInvalid(address signer);
    /// @notice Nothing is held above {booked}.
    error VestingNoSurplus(address token, uint256 balance, uint256 booked);

    /// @notice Pays what is releasable to the beneficiary. Anyone may call.
    function release(uint256 grantId) external returns (uint96 amount);

    /// @notice {release} for several grants; grants with nothing to release are passed over.
    function releaseMany(uint256[] calldata grantIds) external;

    /// @notice The beneficiary takes what is releasable to another address.
    function releaseTo(uint256 grantId, address to) external returns (uint96 amount);

    /// @notice {releaseTo} by the beneficiary's EIP-712 signature (ERC-1271 for contracts); anyone may submit it.
    /// @dev `Release(uint256 grantId,address to,uint256 nonce,uint256 deadline)` with the beneficiary's next nonce.
    function releaseBySig(
        uint256 grantId,
        address to,
        uint256 deadline,
        bytes calldata signature
    ) external returns (uint96 amount);

    /// @notice The EIP-712 domain: name "Tombola Vesting", version "1", this chain and contract.
    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() external view returns (bytes32);

    /// @notice Takes what these grants released off {booked}, which releases leave alone to be cheap. Anyone may call.
    function settle(uint256[] calldata grantIds) external;

    /// @notice Sends what is held above {booked} away: owner only. Settle releases before.
    function sweepSurplus(address token, address to) external returns (uint256 amount);
}
