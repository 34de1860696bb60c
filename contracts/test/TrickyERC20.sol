// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// solhint-disable avoid-low-level-calls

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title An ERC-20 that changes its manners whenever it likes
contract TrickyERC20 is ERC20("Tricky", "TRICK") {
    /// @notice What happens during a transfer. It moves nothing and answers false; it keeps one unit; it gives the receiver
    /// one unit more, as a token that rebases; it calls its target, as an ERC-777 calls receivers; it refuses its target as
    /// the receiver, as an ERC-777 receiver can.
    enum Manner {
        Honest,
        AnswerFalse,
        KeepOne,
        AddOne,
        CallBack,
        Refuse
    }

    error TrickyRefuses(address receiver);

    Manner private _manner;
    address private _target;
    bytes private _data;
    /// @notice How often the call from inside a transfer went well.
    uint256 public reentered;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function behave(Manner manner, address target, bytes calldata data) external {
        (_manner, _target, _data) = (manner, target, data);
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        if (_manner == Manner.AnswerFalse) return false;
        super.transfer(to, value);
        _afterMove(to);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        if (_manner == Manner.AnswerFalse) return false;
        super.transferFrom(from, to, value);
        _afterMove(to);
        return true;
    }

    function _afterMove(address to) private {
        if (_manner == Manner.KeepOne) _burn(to, 1);
        if (_manner == Manner.AddOne) _mint(to, 1);
        if (_manner == Manner.Refuse && to == _target) revert TrickyRefuses(to);
        if (_manner != Manner.CallBack) return;
        (bool success, ) = _target.call(_data);
        if (success) ++reentered;
    }
}
