// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The fee of a creation
/// @notice In POL (the zero address) or in one ERC-20. A creator names the most he pays; nobody can set a fee above the
/// ceiling. Fees only ever go to the treasury.
interface IFactoryFees {
    /// @notice Creations from now on cost `fee`, in the smallest unit of `currency`; the zero address is POL.
    event FeeChanged(uint256 fee, address indexed currency);
    /// @notice Fees go to another account from now on, those not withdrawn yet included.
    event TreasuryChanged(address indexed treasury);
    /// @notice The creator of `token` paid its fee.
    event FeePaid(address indexed token, address indexed payer, address indexed currency, uint256 amount);
    /// @notice All fees held in `currency` went to the treasury.
    event FeesWithdrawn(address indexed to, uint256 amount, address indexed currency);

    /// @notice The fee is above what the creator agreed to.
    error TokenFactoryFeeAboveMax(uint256 fee, uint256 maxFee);
    /// @notice Less POL was sent than the fee.
    error TokenFactoryFeeUnpaid(uint256 sent, uint256 fee);
    /// @notice The fee would be above {feeCeiling}.
    error TokenFactoryFeeTooHigh(uint256 fee, uint256 ceiling);
    /// @notice The fee is in an ERC-20, so POL sent along would be for nothing.
    error TokenFactoryValueUnwanted(uint256 sent);
    /// @notice POL's ERC-20 face, or a token that delivers another amount than asked.
    error TokenFactoryCurrencyRefused(address currency);
    /// @notice Nobody can be the treasury: the zero address.
    error TokenFactoryTreasuryInvalid(address treasury);
    /// @notice No fee is held in this currency.
    error TokenFactoryNothingToWithdraw(address currency);
    /// @notice The treasury refuses POL.
    error TokenFactoryWithdrawFailed(address to, uint256 amount);
    /// @notice The creator refuses the POL that was sent beyond the fee.
    error TokenFactoryRefundFailed(address to, uint256 amount);

    /// @notice Sets the fee. Creators who named a lower `maxFee` pay nothing and get nothing.
    /// @param currency The zero address for POL.
    function setFee(uint256 fee, address currency) external;

    /// @notice Sets who receives fees. Owner only.
    function setTreasury(address treasury) external;

    /// @notice Sends all fees in one currency to the treasury. Anyone may call.
    function withdrawFees(address currency) external;

    /// @notice Fee of one creation, in the smallest unit of {feeCurrency}.
    function fee() external view returns (uint256);

    /// @notice The ERC-20 of the fee; the zero address for POL.
    function feeCurrency() external view returns (address);

    /// @notice Most that the fee can be in a currency: 1,000 whole units of it.
    function feeCeiling(address currency) external view returns (uint256);

    /// @notice Who receives fees.
    function treasury() external view returns (address);
}
