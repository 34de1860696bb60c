// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC5805} from "@openzeppelin/contracts/interfaces/IERC5805.sol";

/// @title Supply and votes of a token
/// @notice Votes count by timestamp. Only delegated balances vote; whoever wants to vote himself delegates to himself.
interface ITokenVotes is IERC5805 {
    /// @notice `supply` is what there would have been.
    error TokenCapExceeded(uint256 supply, uint256 cap);
    /// @notice The delegation is not signed by `account`.
    error TokenSignatureInvalid(address account);
    /// @notice Only what is over can be looked up: the present second may still change.
    error ERC5805FutureLookup(uint256 timepoint, uint48 clock);

    /// @notice `delegateBySig` for accounts whose signature does not name them, such as contracts (ERC-1271).
    function delegateBySig(
        address account,
        address delegatee,
        uint256 nonce,
        uint256 expiry,
        bytes calldata signature
    ) external;

    /// @notice Most that can ever exist at once on this chain, smallest unit; 2¹⁸⁴ − 1 when none was chosen.
    function cap() external view returns (uint256);
}
