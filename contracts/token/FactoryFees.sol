// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";

import {Assets} from "../lib/Assets.sol";
import {IFactoryFees} from "./IFactoryFees.sol";

/// @title Fees of the factory: what is due, taking it, and passing it on to the treasury
abstract contract FactoryFees is IFactoryFees, Ownable2Step {
    uint256 private constant MOST_UNITS = 1_000;
    uint256 private constant NATIVE_DECIMALS = 18;

    /// @dev One slot: every creation reads it.
    struct Terms {
        address currency;
        uint88 fee;
        bool restricted;
    }

    /// @inheritdoc IFactoryFees
    address public treasury;
    Terms private _terms;

    /// @inheritdoc IFactoryFees
    function setFee(uint256 fee_, address currency) external onlyOwner {
        _setFee(fee_, currency);
    }

    /// @inheritdoc IFactoryFees
    function setTreasury(address treasury_) external onlyOwner {
        _setTreasury(treasury_);
    }

    /// @inheritdoc IFactoryFees
    function withdrawFees(address currency) external {
        // Check
        bool native = currency == address(0);
        uint256 amount = native ? address(this).balance : IERC20Metadata(currency).balanceOf(address(this));
        // Zero only means that there is nothing to pay; whoever sends a wei more changes nothing else.
        // slither-disable-next-line incorrect-equality
        if (amount == 0) revert TokenFactoryNothingToWithdraw(currency);
        // Effect
        address to = treasury;
        emit FeesWithdrawn(to, amount, currency);
        // Interaction
        if (!native) Assets.giveERC20(currency, to, amount);
        else if (!Assets.giveNative(to, amount)) revert TokenFactoryWithdrawFailed(to, amount);
    }

    /// @inheritdoc IFactoryFees
    function fee() external view returns (uint256) {
        return _terms.fee;
    }

    /// @inheritdoc IFactoryFees
    function feeCurrency() external view returns (address) {
        return _terms.currency;
    }

    /// @inheritdoc IFactoryFees
    /// @dev A currency of more than 18 decimals is taken for one of 18: the ceiling is only lower then.
    function feeCeiling(address currency) public view returns (uint256) {
        uint256 decimals = currency == address(0) ? NATIVE_DECIMALS : IERC20Metadata(currency).decimals();
        return MOST_UNITS * 10 ** (decimals < NATIVE_DECIMALS ? decimals : NATIVE_DECIMALS);
    }

    function _setFee(uint256 fee_, address currency) internal {
        if (currency == Assets.NATIVE_FACE) revert TokenFactoryCurrencyRefused(currency);
        uint256 ceiling = feeCeiling(currency);
        if (fee_ > ceiling) revert TokenFactoryFeeTooHigh(fee_, ceiling);
        _terms.currency = currency;
        _terms.fee = uint88(fee_);
        emit FeeChanged(fee_, currency);
    }

    function _setTreasury(address treasury_) internal {
        if (treasury_ == address(0)) revert TokenFactoryTreasuryInvalid(treasury_);
        treasury = treasury_;
        emit TreasuryChanged(treasury_);
    }

    function _setRestricted(bool restricted) internal {
        _terms.restricted = restricted;
    }

    /// @dev Before a creation: the creator agreed to the fee, and sent it when it is in POL.
    function _checkFee(Terms memory terms, uint256 maxFee) internal view {
        if (terms.fee > maxFee) revert TokenFactoryFeeAboveMax(terms.fee, maxFee);
        if (terms.currency != address(0)) {
            if (msg.value != 0) revert TokenFactoryValueUnwanted(msg.value);
        } else if (msg.value < terms.fee) {
            revert TokenFactoryFeeUnpaid(msg.value, terms.fee);
        }
    }

    /// @dev After a creation, as its last step: takes the fee in an ERC-20, or gives back what was sent beyond it.
    function _settleFee(Terms memory terms, address token) internal {
        uint256 due = terms.fee;
        if (due != 0) emit FeePaid(token, msg.sender, terms.currency, due);
        if (terms.currency == address(0)) {
            uint256 excess = msg.value - due;
            if (excess == 0 || Assets.giveNative(msg.sender, excess)) return;
            revert TokenFactoryRefundFailed(msg.sender, excess);
        }
        if (due == 0 || Assets.takeERC20(terms.currency, msg.sender, due)) return;
        revert TokenFactoryCurrencyRefused(terms.currency);
    }

    function _feeTerms() internal view returns (Terms memory) {
        return _terms;
    }
}
