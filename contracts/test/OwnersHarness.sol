// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerkleSum} from "../lib/MerkleSum.sol";
import {PositionalMerkle} from "../lib/PositionalMerkle.sol";
import {Winners} from "../lib/Winners.sol";
import {IRaffle} from "../raffle/IRaffle.sol";

/// @title Who owns what was drawn, for tests: many draws in one call
/// @dev Answers keccak256 of each draw's owners by rank, as words. Owners are found by what the contracts themselves
/// decide with: the raffle's search, and proofs of the leaves.
contract OwnersHarness {
    /// @notice An entry with its way to the root; `proof` in an unweighted list, `siblings` in a weighted one.
    struct Entry {
        bytes32 hash;
        uint64 weight;
        bytes32[] proof;
        MerkleSum.Node[] siblings;
    }

    error OwnersProofInvalid(uint64 index);
    error OwnersNone(uint64 number);

    /// @notice Entries of the winning tickets.
    function ofTickets(
        IRaffle raffle,
        uint256 raffleId,
        uint64 sold,
        bytes32[] calldata seeds,
        uint32[] calldata ks
    ) external view returns (bytes32[] memory hashes) {
        hashes = new bytes32[](seeds.length);
        for (uint256 i = 0; i < seeds.length; ++i) {
            uint64[] memory ranked = Winners.winners(seeds[i], sold, ks[i]);
            for (uint256 rank = 0; rank < ranked.length; ++rank)
                ranked[rank] = raffle.entryWithTicket(raffleId, ranked[rank]);
            hashes[i] = keccak256(abi.encodePacked(ranked));
        }
    }

    /// @notice Entries of a list by their proofs; `total` is 0 for an unweighted one.
    function ofList(
        bytes32 root,
        uint64 total,
        Entry[] calldata entries,
        bytes32[] calldata seeds,
        uint32[] calldata ks
    ) external pure returns (bytes32[] memory hashes) {
        uint64[] memory starts = _starts(root, total, entries);
        hashes = new bytes32[](seeds.length);
        for (uint256 i = 0; i < seeds.length; ++i) {
            uint64 n = total == 0 ? uint64(entries.length) : total;
            uint64[] memory ranked = Winners.winners(seeds[i], n, ks[i]);
            for (uint256 rank = 0; rank < ranked.length; ++rank)
                ranked[rank] = _ownerOf(starts, entries, ranked[rank]);
            hashes[i] = keccak256(abi.encodePacked(ranked));
        }
    }

    /// @dev The first unit of each entry, each by its own proof.
    function _starts(
        bytes32 root,
        uint64 total,
        Entry[] calldata entries
    ) private pure returns (uint64[] memory starts) {
        uint64 count = uint64(entries.length);
        starts = new uint64[](count);
        for (uint64 index = 0; index < count; ++index) {
            Entry calldata entry = entries[index];
            bool valid;
            if (total == 0) {
                valid = PositionalMerkle.verify(root, entry.hash, index, count, entry.proof);
                starts[index] = index;
            } else {
                (valid, starts[index]) = MerkleSum.verify(
                    root,
                    total,
                    entry.hash,
                    entry.weight,
                    index,
                    count,
                    entry.siblings
                );
            }
            if (!valid) revert OwnersProofInvalid(index);
        }
    }

    function _ownerOf(
        uint64[] memory starts,
        Entry[] calldata entries,
        uint64 number
    ) private pure returns (uint64) {
        for (uint64 index = 0; index < starts.length; ++index)
            if (number >= starts[index] && number - starts[index] < entries[index].weight) return index;
        revert OwnersNone(number);
    }
}
