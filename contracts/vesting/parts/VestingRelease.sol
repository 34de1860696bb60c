// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {NoncesUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/NoncesUpgradeable.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {Assets} from "../../lib/Assets.sol";
import {Signatures} from "../../lib/Signatures.sol";
import {GrantWord} from "../GrantWord.sol";
import {IVestingRelease} from "../IVestingRelease.sol";
import {PlanWord} from "../PlanWord.sol";
import {TurnWord} from "../TurnWord.sol";
import {VestingActs} from "./VestingActs.sol";

/// @title Paying out what is vested
abstract contract VestingRelease is IVestingRelease, VestingActs, NoncesUpgradeable {
    using GrantWord for uint256;
    using PlanWord for uint256;
    using TurnWord for uint256;

    bytes32 private constant DOMAIN = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant NAME = keccak256("Tombola Vesting");
    bytes32 private constant VERSION = keccak256("1");
    bytes32 private constant RELEASE = keccak256(
        "Release(uint256 grantId,address to,uint256 nonce,uint256 deadline)"
    );

    /// @inheritdoc IVestingRelease
    function release(uint256 grantId) external nonReentrantView returns (uint96 amount) {
        uint256 word = _grantWord(grantId);
        return _releaseSome(grantId, word, word.beneficiaryOf());
    }

    /// @inheritdoc IVestingRelease
    function releaseMany(uint256[] calldata grantIds) external nonReentrantView {
        for (uint256 i = 0; i < grantIds.length; ++i) {
            uint256 word = _grantWord(grantIds[i]);
            _release(grantIds[i], word, word.beneficiaryOf());
        }
    }

    /// @inheritdoc IVestingRelease
    function releaseTo(uint256 grantId, address to) external nonReentrantView returns (uint96 amount) {
        uint256 word = _grantWord(grantId);
        _actAs(msg.sender, grantId, word);
        return _releaseSome(grantId, word, to);
    }

    /// @inheritdoc IVestingRelease
    function releaseBySig(
        uint256 grantId,
        address to,
        uint256 deadline,
        bytes calldata signature
    ) external nonReentrantView returns (uint96 amount) {
        // Check
        if (block.timestamp > deadline) revert VestingSignatureExpired(deadline);
        uint256 word = _grantWord(grantId);
        address signer = word.beneficiaryOf();
        bytes32 message = keccak256(abi.encode(RELEASE, grantId, to, _useNonce(signer), deadline));
        bytes32 digest = MessageHashUtils.toTypedDataHash(DOMAIN_SEPARATOR(), message);
        if (!Signatures.isValid(signer, digest, signature)) revert VestingSignatureInvalid(signer);
        _actAs(signer, grantId, word);
        return _releaseSome(grantId, word, to);
    }

    /// @inheritdoc IVestingRelease
    function settle(uint256[] calldata grantIds) external {
        for (uint256 i = 0; i < grantIds.length; ++i) {
            uint256 grantId = grantIds[i];
            uint256 released = _book().progress[grantId].releasedOf();
            uint256 amount = released - _book().settled[grantId];
            if (amount == 0) continue;
            address token = _tokenOf(grantId);
            _book().settled[grantId] = released;
            _book().booked[token] -= amount;
            emit Settled(token, amount);
        }
    }

    /// @inheritdoc IVestingRelease
    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() public view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN, NAME, VERSION, block.chainid, address(this)));
    }

    function _releaseSome(uint256 grantId, uint256 word, address to) private returns (uint96 amount) {
        amount = _release(grantId, word, to);
        if (amount > 0) return amount;
        if (!_recoveryIsOpen(grantId)) revert VestingNothingToRelease(grantId);
        revert VestingRecoveryPending(grantId, _book().turns[grantId].candidateOf());
    }

    /// @dev Nothing is left to release when the token is called, so a release locks nobody out and only checks the lock.
    /// Pays what is releasable; 0 when there is nothing, or a recovery is open. What is owed is not counted here but
    /// by {settle}: a release changes one slot.
    function _release(uint256 grantId, uint256 word, address to) private returns (uint96 amount) {
        // Check
        _requireRunning();
        uint256 time = block.timestamp;
        if (word.isTurned()) {
            if (_recoveryIsOpen(grantId)) return 0;
            time = _stopped(grantId, word, time);
        }
        uint256 first = _book().plans[grantId >> 64].first;
        uint96 vested = _vestedOn(grantId >> 64, first, word.amountOf(), time);
        uint256 progress = _book().progress[grantId];
        if (vested <= progress.releasedOf()) return 0;
        // Effect
        unchecked {
            // The line above; and released becomes `vested`, which fits its bits.
            amount = vested - progress.releasedOf();
            _book().progress[grantId] = progress + amount;
        }
        address delegatee = progress.delegateeOf();
        address token = first.tokenOf();
        if (delegatee != address(0)) _moveVotes(token, delegatee, address(0), amount);
        emit Released(grantId, to, amount, vested);
        // Interaction
        Assets.giveERC20(token, to, amount);
    }

    /// @dev Whether nothing may be pushed to the beneficiary now.
    function _recoveryIsOpen(uint256 grantId) internal view virtual returns (bool);
}
