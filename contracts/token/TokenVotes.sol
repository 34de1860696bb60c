// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Signatures} from "../lib/Signatures.sol";
import {ITokenVotes} from "./ITokenVotes.sol";
import {TokenSignatures} from "./TokenSignatures.sol";
import {VoteHistory} from "./VoteHistory.sol";

/// @title Balances that vote
/// @dev An account's slot says beside the balance whether it delegates, so moves between accounts that do not read nothing
/// about votes.
abstract contract TokenVotes is ITokenVotes, TokenSignatures {
    using VoteHistory for VoteHistory.History;

    bytes32 private constant DELEGATION_TYPEHASH = keccak256(
        "Delegation(address delegatee,uint256 nonce,uint256 expiry)"
    );
    uint256 private constant DELEGATES = 1 << 255;
    uint256 private constant BALANCE = VoteHistory.MOST;

    mapping(address account => uint256 flagAndBalance) private _accounts;
    mapping(address account => address delegatee) private _delegatees;
    mapping(address delegatee => VoteHistory.History votes) private _votes;
    VoteHistory.History private _supply;

    /// @inheritdoc IVotes
    function delegate(address delegatee) external {
        _delegate(msg.sender, delegatee);
    }

    /// @inheritdoc IVotes
    function delegateBySig(
        address delegatee,
        uint256 nonce,
        uint256 expiry,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        if (block.timestamp > expiry) revert VotesExpiredSignature(expiry);
        bytes32 words = keccak256(abi.encode(DELEGATION_TYPEHASH, delegatee, nonce, expiry));
        address signer = ECDSA.recover(_typedHash(words), v, r, s);
        _useCheckedNonce(signer, nonce);
        _delegate(signer, delegatee);
    }

    /// @inheritdoc ITokenVotes
    function delegateBySig(
        address account,
        address delegatee,
        uint256 nonce,
        uint256 expiry,
        bytes calldata signature
    ) external {
        if (block.timestamp > expiry) revert VotesExpiredSignature(expiry);
        bytes32 words = keccak256(abi.encode(DELEGATION_TYPEHASH, delegatee, nonce, expiry));
        _useCheckedNonce(account, nonce);
        if (!Signatures.isValid(account, _typedHash(words), signature)) {
            revert TokenSignatureInvalid(account);
        }
        _delegate(account, delegatee);
    }

    /// @inheritdoc IERC20
    function balanceOf(address account) external view returns (uint256) {
        return _accounts[account] & BALANCE;
    }

    /// @inheritdoc IVotes
    function delegates(address account) external view returns (address) {
        return _delegatees[account];
    }

    /// @inheritdoc IVotes
    function getVotes(address account) external view returns (uint256) {
        return _votes[account].latest();
    }

    /// @inheritdoc IVotes
    function getPastVotes(address account, uint256 timepoint) external view returns (uint256) {
        _checkPast(timepoint);
        return _votes[account].asOf(timepoint);
    }

    /// @inheritdoc IVotes
    function getPastTotalSupply(uint256 timepoint) external view returns (uint256) {
        _checkPast(timepoint);
        return _supply.asOf(timepoint);
    }

    /// @inheritdoc IERC20
    function totalSupply() public view returns (uint256) {
        return _supply.latest();
    }

    /// @inheritdoc IERC6372
    function clock() public view returns (uint48) {
        return uint48(block.timestamp);
    }

    /// @inheritdoc IERC6372
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() external pure returns (string memory) {
        return "mode=timestamp";
    }

    /// @inheritdoc ITokenVotes
    function cap() public view virtual returns (uint256);

    function _move(address from, address to, uint256 value) internal virtual override {
        uint256 giver = _take(from, value);
        uint256 receiver = _give(to, value);
        emit Transfer(from, to, value);
        if ((giver | receiver) & DELEGATES != 0) _moveVotes(_delegatees[from], _delegatees[to], value);
    }

    function _mint(address to, uint256 value) internal {
        if (to == address(0)) revert ERC20InvalidReceiver(address(0));
        uint256 most = cap();
        uint256 supply = Math.saturatingAdd(totalSupply(), value);
        if (supply > most) revert TokenCapExceeded(supply, most);
        _supply.set(supply);
        uint256 receiver = _give(to, value);
        emit Transfer(address(0), to, value);
        if (receiver & DELEGATES != 0) _moveVotes(address(0), _delegatees[to], value);
    }

    function _burn(address from, uint256 value) internal {
        if (from == address(0)) revert ERC20InvalidSender(address(0));
        uint256 giver = _take(from, value);
        unchecked {
            // All balances together are the supply.
            _supply.set(totalSupply() - value);
        }
        emit Transfer(from, address(0), value);
        if (giver & DELEGATES != 0) _moveVotes(_delegatees[from], address(0), value);
    }

    /// @dev The supply has been anything, even nothing, only since the token was set up.
    function _checkFresh() internal view {
        if (_supply.began()) revert TokenAlreadyInitialized();
    }

    function _startEmpty() internal {
        _supply.set(0);
    }

    function _take(address from, uint256 value) private returns (uint256 account) {
        account = _accounts[from];
        uint256 balance = account & BALANCE;
        if (balance < value) revert ERC20InsufficientBalance(from, balance, value);
        unchecked {
            _accounts[from] = account - value;
        }
    }

    function _give(address to, uint256 value) private returns (uint256 account) {
        account = _accounts[to];
        unchecked {
            // The supply fits into the balance's bits, so this never reaches the flag.
            _accounts[to] = account + value;
        }
    }

    function _delegate(address account, address delegatee) private {
        address before = _delegatees[account];
        uint256 word = _accounts[account];
        uint256 balance = word & BALANCE;
        _delegatees[account] = delegatee;
        uint256 changed = delegatee == address(0) ? balance : balance | DELEGATES;
        if (changed != word) _accounts[account] = changed;
        emit DelegateChanged(account, before, delegatee);
        _moveVotes(before, delegatee, balance);
    }

    function _moveVotes(address from, address to, uint256 value) private {
        if (from == to || value == 0) return;
        if (from != address(0)) {
            uint256 votes = _votes[from].latest();
            _setVotes(from, votes, votes - value);
        }
        if (to != address(0)) {
            uint256 votes = _votes[to].latest();
            _setVotes(to, votes, votes + value);
        }
    }

    function _setVotes(address delegatee, uint256 before, uint256 votes) private {
        _votes[delegatee].set(votes);
        emit DelegateVotesChanged(delegatee, before, votes);
    }

    function _checkPast(uint256 timepoint) private view {
        uint48 present = clock();
        if (timepoint >= present) revert ERC5805FutureLookup(timepoint, present);
    }
}
