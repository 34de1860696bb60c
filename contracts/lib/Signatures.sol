// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title Signatures of people and of contracts
library Signatures {
    /// @notice Whether `signer` signed `hash`: with its key, or, as a contract, by ERC-1271.
    /// @dev The key is tried first and whatever code the signer has: an account that delegated its code (EIP-7702) still
    /// owns its key. An account without code answers nothing to ERC-1271, which is no.
    function isValid(address signer, bytes32 hash, bytes memory signature) internal view returns (bool) {
        (address recovered, ECDSA.RecoverError problem, ) = ECDSA.tryRecover(hash, signature);
        if (problem == ECDSA.RecoverError.NoError && recovered == signer) return true;
        return SignatureChecker.isValidERC1271SignatureNow(signer, hash, signature);
    }
}
