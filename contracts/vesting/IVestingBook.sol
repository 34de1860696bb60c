// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What vesting knows: plans, grants, and what it owes
/// @notice A plan is shared by any number of grants. A grant id carries its plan: `planId << 64 | index`.
interface IVestingBook {
    /// @notice The curve of a plan. Nothing but the start unlock is vested before `start + cliff`; all at
    /// `start + duration`; between them linearly, in whole `step`s.
    /// @param token ERC-20 that is vested; one that delivers another amount than asked is refused.
    /// @param start Unix seconds, below 2³⁴.
    /// @param cliff Seconds after start, at most `duration`.
    /// @param duration Seconds after start at which all is vested; 0 is refused, at most 2³² − 1.
    /// @param step Seconds between two increases; 0 or 1 is every second.
    /// @param startUnlockBps Part unlocked at `start`, in basis points of the amount, at most 10,000.
    struct PlanConfig {
        address token;
        uint64 start;
        uint64 cliff;
        uint64 duration;
        uint64 step;
        uint16 startUnlockBps;
    }

    /// @notice From a time on, a part of the amount is vested in all.
    /// @param time Unix seconds.
    /// @param cumulativeBps Basis points of the amount, those of earlier tranches included.
    struct Tranche {
        uint64 time;
        uint16 cumulativeBps;
    }

    /// @notice One beneficiary of a batch.
    /// @param beneficiary Whom it is paid to; not zero.
    /// @param amount In the token's smallest unit; not zero, below 2⁹⁵.
    struct GrantInput {
        address beneficiary;
        uint96 amount;
    }

    /// @notice A grant as the chain holds it; amounts in the token's smallest unit.
    /// @param beneficiary Whose it is now.
    /// @param amount What was granted.
    /// @param released What was paid out.
    /// @param returned What a revocation gave back to the plan's creator.
    /// @param stopsAt When it stops vesting by revocation (Unix seconds); 0 when it is not revoked.
    /// @param delegatee Who votes with what is unreleased; zero is nobody.
    struct Grant {
        address beneficiary;
        uint96 amount;
        uint96 released;
        uint96 returned;
        uint64 stopsAt;
        address delegatee;
    }

    /// @notice No plan has this number.
    error VestingPlanUnknown(uint256 planId);
    /// @notice No grant has this number.
    error VestingGrantUnknown(uint256 grantId);
    /// @notice Only the plan's creator may do this.
    error VestingNotCreator(uint256 planId, address caller);
    /// @notice Only the grant's beneficiary may do this.
    error VestingNotBeneficiary(uint256 grantId, address caller);
    /// @notice The token delivered another amount than asked, or is POL's own ERC-20 face.
    error VestingTokenRefused(address token);
    /// @notice No token moves before `until` (Unix seconds).
    error VestingPaused(uint256 until);

    /// @notice How many plans there are; they are numbered from 1.
    function planCount() external view returns (uint256);

    /// @notice A plan by dated tranches has `step` 0; start and duration span its tranches.
    function planOf(
        uint256 planId
    ) external view returns (PlanConfig memory config, address creator, uint64 grantCount, bool revocable);

    /// @notice The tranches of a plan, none when it follows a curve.
    function tranchesOf(uint256 planId) external view returns (uint64[] memory);

    /// @notice A grant, with what was released and returned.
    function grantOf(uint256 grantId) external view returns (Grant memory);

    /// @notice Vested of a grant at a time, in the token's smallest unit, its revocation included.
    function vestedAmount(uint256 grantId, uint64 time) external view returns (uint96);

    /// @notice Vested now less released.
    function releasable(uint256 grantId) external view returns (uint96);

    /// @notice At least what the contract owes in a token: all granted and all in campaigns, less what was returned, less
    /// the releases that were settled. With every release settled it is exactly what is owed.
    function booked(address token) external view returns (uint256);
}
