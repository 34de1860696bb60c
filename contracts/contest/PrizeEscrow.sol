// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Assets} from "../lib/Assets.sol";
import {IRaffleTypes} from "../raffle/IRaffleTypes.sol";
import {IContest} from "./IContest.sol";

/// @title Prizes of contests, from their deposit to the one time each is paid or returned
/// @dev Knows nothing of draws: who may have a prize is decided by {Contest}.
abstract contract PrizeEscrow is IContest {
    /// @dev A prize. Amount or token id stands here when it is below 2⁸⁰ − 1, otherwise in `_largeValues`.
    struct PrizeSlot {
        address token;
        IRaffleTypes.PrizeKind kind;
        bool settled;
        uint80 value;
    }

    uint80 private constant LARGE = type(uint80).max;

    mapping(uint256 contestId => mapping(uint256 place => PrizeSlot prize)) private _prizes;
    mapping(uint256 contestId => mapping(uint256 place => uint256 value)) private _largeValues;

    /// @inheritdoc IContest
    function prizeOf(
        uint256 contestId,
        uint32 place
    ) public view returns (IRaffleTypes.Prize memory prize, bool settled) {
        PrizeSlot memory slot = _prizes[contestId][place];
        uint256 value = slot.value;
        if (value == LARGE) value = _largeValues[contestId][place];
        prize.kind = slot.kind;
        prize.token = slot.token;
        if (slot.kind == IRaffleTypes.PrizeKind.ERC721) prize.tokenId = value;
        else prize.amount = value;
        settled = slot.settled;
    }

    function _storePrizes(uint256 contestId, IRaffleTypes.Prize[] calldata prizes) internal {
        for (uint256 place = 0; place < prizes.length; ++place) {
            IRaffleTypes.Prize calldata prize = prizes[place];
            _checkPrize(prize);
            uint256 value = prize.kind == IRaffleTypes.PrizeKind.ERC721 ? prize.tokenId : prize.amount;
            bool large = value >= LARGE;
            _prizes[contestId][place] = PrizeSlot({
                token: prize.token,
                kind: prize.kind,
                settled: false,
                value: large ? LARGE : uint80(value)
            });
            if (large) _largeValues[contestId][place] = value;
        }
    }

    /// @dev The POL sent must be the sum of the POL prizes; tokens are pulled.
    function _takePrizes(IRaffleTypes.Prize[] calldata prizes) internal {
        uint256 native = 0;
        for (uint256 i = 0; i < prizes.length; ++i) {
            IRaffleTypes.Prize calldata prize = prizes[i];
            bool exact = true;
            if (prize.kind == IRaffleTypes.PrizeKind.Native) native += prize.amount;
            else if (prize.kind == IRaffleTypes.PrizeKind.ERC20)
                exact = Assets.takeERC20(prize.token, msg.sender, prize.amount);
            else exact = Assets.takeERC721(prize.token, msg.sender, prize.tokenId);
            if (!exact) revert ContestTokenRefused(prize.token);
        }
        if (msg.value != native) revert ContestPaymentWrong(msg.value, native);
    }

    /// @dev Marks a prize as paid or returned; that happens once.
    function _settle(uint256 contestId, uint32 place) internal returns (IRaffleTypes.Prize memory prize) {
        bool settled;
        (prize, settled) = prizeOf(contestId, place);
        if (settled) revert ContestPrizeSettled(contestId, place);
        _prizes[contestId][place].settled = true;
    }

    function _givePrize(IRaffleTypes.Prize memory prize, address to) internal {
        if (prize.kind == IRaffleTypes.PrizeKind.ERC721) Assets.giveERC721(prize.token, to, prize.tokenId);
        else if (prize.kind == IRaffleTypes.PrizeKind.ERC20) Assets.giveERC20(prize.token, to, prize.amount);
        else if (!Assets.giveNative(to, prize.amount)) revert ContestPayoutFailed(to, prize.amount);
    }

    /// @dev Every prize is something: a contest has prizes when its first place has one.
    function _hasPrizes(uint256 contestId) internal view returns (bool) {
        PrizeSlot storage slot = _prizes[contestId][0];
        return slot.token != address(0) || slot.value != 0;
    }

    function _checkPrize(IRaffleTypes.Prize calldata prize) private pure {
        bool native = prize.kind == IRaffleTypes.PrizeKind.Native;
        bool single = prize.kind == IRaffleTypes.PrizeKind.ERC721;
        if (native != (prize.token == address(0))) revert ContestTermsInvalid("prizes.token");
        if (single != (prize.amount == 0)) revert ContestTermsInvalid("prizes.amount");
        if (!single && prize.tokenId != 0) revert ContestTermsInvalid("prizes.tokenId");
    }
}
