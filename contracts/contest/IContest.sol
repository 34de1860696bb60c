// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MerkleSum} from "../lib/MerkleSum.sol";
import {IRaffleTypes} from "../raffle/IRaffleTypes.sol";
import {IRandomness} from "../randomness/IRandomness.sol";

/// @title Draws over a list that stays off chain
/// @notice The list's Merkle root, the number of winners and the rules are committed in the same transaction that fixes
/// which randomness decides. The cost does not depend on the list's length. Entries are numbered from 0. In a weighted
/// list every entry owns as many units as it has weight; what is drawn are units. Only a hash of a contest's terms is
/// stored: whoever acts on a contest gives its terms back, they follow from {ContestOpened} and its companions.
interface IContest is IRandomness {
    /// @notice What an organiser fixes when a contest opens.
    /// @param keySalt With the organiser's address and the post it makes the contest key of the leaves. Its first 28
    /// bytes, read as a number, must be above those of the organiser's last contest for this post: a key serves once.
    /// @param root Root of the positional Merkle tree over the entries' leaves; of a Merkle-sum tree when weighted.
    /// @param entries Number of leaves.
    /// @param winners Number of winning places, 1 to 10,000.
    /// @param alternates Ranks drawn beyond that; they move up when earlier ranks fall out. At most 20,000 ranks in all.
    /// @param rulesHash keccak256 of the rules text (UTF-8).
    /// @param listSha256 SHA-256 of the list file.
    /// @param exclusionRoot Root over the exclusions, 0 when there are none.
    /// @param postHash keccak256 of the post's reference (UTF-8); draws per organiser and post are counted.
    struct ContestConfig {
        bytes32 keySalt;
        bytes32 root;
        uint64 entries;
        uint32 winners;
        uint32 alternates;
        bytes32 rulesHash;
        bytes32 listSha256;
        bytes32 exclusionRoot;
        bytes32 postHash;
    }

    /// @notice What a contest may have beyond that.
    /// @param totalWeight Sum of all weights of a weighted list, 0 for an unweighted one.
    /// @param claimsFrom With prizes: Unix seconds from which they are paid. Until then ranks can be disqualified and
    /// repeats proved, afterwards never. 0 without prizes.
    /// @param prizes Either none, or one for each winning place, best place first.
    struct ContestExtras {
        uint64 totalWeight;
        uint64 claimsFrom;
        IRaffleTypes.Prize[] prizes;
    }

    /// @notice All terms of a contest. Their hash, keccak256(abi.encode(terms)), is its draw's commitment.
    /// @param organiser Who opened it.
    /// @param contestKey See {keyOf}.
    /// @param root As in {ContestConfig}.
    /// @param entries As in {ContestConfig}.
    /// @param totalWeight As in {ContestExtras}.
    /// @param winners As in {ContestConfig}.
    /// @param alternates As in {ContestConfig}.
    /// @param detailsHash keccak256(abi.encode(rulesHash, listSha256, exclusionRoot, postHash)).
    /// @param prizesHash keccak256(abi.encode(prizes)), 0 without prizes.
    /// @param claimsFrom As in {ContestExtras}.
    struct Terms {
        address organiser;
        bytes32 contestKey;
        bytes32 root;
        uint64 entries;
        uint64 totalWeight;
        uint32 winners;
        uint32 alternates;
        bytes32 detailsHash;
        bytes32 prizesHash;
        uint64 claimsFrom;
    }

    /// @notice One leaf of the list and its place.
    /// @param index Place in the list, from 0.
    /// @param weight 1 in an unweighted list.
    /// @param idHash keccak256(abi.encode(salt, account)): who it is.
    /// @param claimHash keccak256(abi.encode(claimant, claimSalt)): who is paid; 0 for an entry that cannot claim.
    struct Leaf {
        uint64 index;
        uint256 weight;
        bytes32 idHash;
        bytes32 claimHash;
    }

    /// @notice The way from a leaf to the root: `proof` in an unweighted list, `siblings` in a weighted one; the other
    /// is empty.
    /// @param proof Siblings from the leaf up, where there are any.
    /// @param siblings The same with the sum of weights below each.
    struct Path {
        bytes32[] proof;
        MerkleSum.Node[] siblings;
    }

    /// @notice Where a contest stands; computed from facts, never stored.
    /// Drawing: waiting for the seed. Drawn: the ranks are known. Expired: prizes were escrowed and no seed came for 30
    /// days; there will be no draw, the prizes go back.
    enum State {
        None,
        Drawing,
        Drawn,
        Expired
    }

    /// @notice `drawNumber` counts this organiser's draws for the same post, from 1: shopping for a good draw shows.
    event ContestOpened(
        uint256 indexed contestId,
        address indexed organiser,
        bytes32 indexed postHash,
        bytes32 contestKey,
        bytes32 root,
        uint64 entries,
        uint32 winners,
        uint32 alternates,
        bytes32 rulesHash,
        bytes32 listSha256,
        bytes32 exclusionRoot,
        bytes32 commitment,
        uint32 drawNumber
    );
    /// @notice The list is weighted: units 0 … totalWeight − 1 take part in the draw.
    event WeightsCommitted(uint256 indexed contestId, uint64 totalWeight);
    /// @notice The prizes were taken into escrow, one for each winning place; they are paid from `claimsFrom` on.
    event PrizesEscrowed(
        uint256 indexed contestId,
        address indexed organiser,
        uint64 claimsFrom,
        IRaffleTypes.Prize[] prizes
    );
    /// @notice The organiser disqualified a rank and says why; the next alternate moves up.
    event RankDisqualified(
        uint256 indexed contestId,
        uint32 indexed rank,
        address indexed organiser,
        string reason
    );
    /// @notice Somebody proved that a rank fell to an entry that was drawn at an earlier one; the next alternate moves
    /// up.
    event RankRepeated(
        uint256 indexed contestId,
        uint32 indexed rank,
        uint32 earlierRank,
        uint64 entry,
        address prover
    );
    /// @notice The prize of `place` went to `to`; `rank` stood there.
    event PrizeClaimed(
        uint256 indexed contestId,
        uint32 indexed rank,
        address indexed winner,
        uint32 place,
        address to,
        uint64 entry,
        IRaffleTypes.PrizeKind kind,
        address token,
        uint256 amount,
        uint256 tokenId
    );
    /// @notice A prize nobody claimed, or of a contest that expired, went back to the organiser.
    event PrizeReturned(
        uint256 indexed contestId,
        uint32 indexed place,
        address indexed organiser,
        IRaffleTypes.PrizeKind kind,
        address token,
        uint256 amount,
        uint256 tokenId
    );

    /// @notice No contest has this number.
    error ContestUnknown(uint256 contestId);
    /// @notice These are not the terms the contest was opened with.
    error ContestTermsWrong(uint256 contestId, bytes32 given, bytes32 committed);
    /// @notice This field of the terms cannot be used.
    error ContestTermsInvalid(string field);
    /// @notice The first 28 bytes of the key salt are not above the last ones used for this post.
    error ContestKeySaltTooLow(bytes28 given, bytes28 last);
    /// @notice The token delivered another amount than asked (fee on transfer, rebasing), or is POL's ERC-20 face.
    error ContestTokenRefused(address token);
    /// @notice Other POL was sent than the prizes need, in wei.
    error ContestPaymentWrong(uint256 sent, uint256 needed);
    /// @notice There is no seed yet.
    error ContestNotDrawn(uint256 contestId);
    /// @notice No seed came in time; the prizes go back and there will be no draw.
    error ContestExpired(uint256 contestId);
    /// @notice Only the organiser may do this.
    error ContestNotOrganiser(uint256 contestId, address caller);
    /// @notice The rank was not drawn.
    error ContestRankUnknown(uint256 contestId, uint32 rank);
    /// @notice The rank was disqualified, or proved to repeat an entry.
    error ContestRankOut(uint256 contestId, uint32 rank);
    /// @notice The rank is an alternate that nothing moved up to a winning place.
    error ContestRankWinsNothing(uint256 contestId, uint32 rank, uint32 place);
    /// @notice A reason has 1 to 256 bytes.
    error ContestReasonInvalid(uint256 length);
    /// @notice Ranks could be disqualified and repeats be proved until `claimsFrom` only.
    error ContestObjectionsClosed(uint256 contestId, uint64 claimsFrom);
    /// @notice No alternate is left: a disqualification would take a prize from everybody.
    error ContestAlternatesUsedUp(uint256 contestId);
    /// @notice Only in a weighted list can an entry be drawn twice.
    error ContestNotWeighted(uint256 contestId);
    /// @notice The units of the two ranks do not belong to this entry, or the ranks are not in order.
    error ContestNotRepeated(uint256 contestId, uint32 earlierRank, uint32 rank);
    /// @notice The leaf does not stand at this index of the list.
    error ContestProofInvalid(uint256 contestId, uint64 index);
    /// @notice Another entry was drawn at this rank.
    error ContestNotDrawnAt(uint256 contestId, uint32 rank, uint64 index);
    /// @notice The contest has no prizes on chain.
    error ContestHasNoPrizes(uint256 contestId);
    /// @notice Prizes are paid from `claimsFrom` on, Unix seconds.
    error ContestClaimsNotOpen(uint256 contestId, uint64 claimsFrom);
    /// @notice The entry committed to another claimant, or to none.
    error ContestNotClaimant(uint256 contestId, uint32 rank, address claimant);
    /// @notice Nobody can receive this: the zero address.
    error ContestReceiverMissing();
    /// @notice No such place wins.
    error ContestPlaceUnknown(uint256 contestId, uint32 place);
    /// @notice The prize was paid or returned before.
    error ContestPrizeSettled(uint256 contestId, uint32 place);
    /// @notice Prizes go back from `dueAt` on, Unix seconds.
    error ContestReturnNotDue(uint256 contestId, uint64 dueAt);
    /// @notice `to` refuses POL.
    error ContestPayoutFailed(address to, uint256 amount);

    /// @notice Commits to an unweighted list without prizes and requests its draw in one transaction.
    function open(ContestConfig calldata config) external returns (uint256 contestId);

    /// @notice As {open}, for a weighted list, or with prizes, which are taken into escrow: POL is sent along, tokens
    /// must be approved.
    function openWith(
        ContestConfig calldata config,
        ContestExtras calldata extras
    ) external payable returns (uint256 contestId);

    /// @notice Disqualifies a drawn rank with a reason (1 to 256 bytes). Organiser only; with prizes only before
    /// `claimsFrom`, and only while an alternate is left to move up.
    function disqualify(
        uint256 contestId,
        Terms calldata terms,
        uint32 rank,
        string calldata reason
    ) external;

    /// @notice Proves that the units of two ranks belong to one entry of a weighted list: the later rank falls out. An
    /// entry wins by its first rank only, whatever became of that one. Anyone; with prizes only before `claimsFrom`.
    /// @param node Hash of the entry's leaf; what is in the leaf need not be known.
    function proveRepeat(
        uint256 contestId,
        Terms calldata terms,
        uint32 earlierRank,
        uint32 rank,
        uint64 index,
        MerkleSum.Node calldata node,
        MerkleSum.Node[] calldata siblings
    ) external;

    /// @notice Pays the prize of the place where `rank` stands to the claimant in its leaf. Anyone may call.
    function claim(
        uint256 contestId,
        Terms calldata terms,
        uint32 rank,
        Leaf calldata leaf,
        Path calldata path,
        address claimant,
        bytes32 claimSalt
    ) external;

    /// @notice The claimant takes the prize to another address.
    function claimTo(
        uint256 contestId,
        Terms calldata terms,
        uint32 rank,
        Leaf calldata leaf,
        Path calldata path,
        bytes32 claimSalt,
        address to
    ) external;

    /// @notice Returns an unclaimed prize to the organiser once {returnDueAt} has come. Anyone may call.
    function returnPrize(uint256 contestId, Terms calldata terms, uint32 place) external;

    /// @notice How many contests were opened; they are numbered from 1.
    function contestCount() external view returns (uint256);

    /// @notice Where a contest stands.
    function stateOf(uint256 contestId) external view returns (State);

    /// @notice The key in a contest's leaves: keccak256(abi.encode(organiser, postHash, keySalt)).
    function keyOf(address organiser, bytes32 postHash, bytes32 keySalt) external pure returns (bytes32);

    /// @notice How many draws this organiser opened for this post.
    function drawsOf(address organiser, bytes32 postHash) external view returns (uint32);

    /// @notice The first 28 bytes of the key salt of this organiser's last draw for this post; the next must be above.
    function lastKeySaltOf(address organiser, bytes32 postHash) external view returns (bytes28);

    /// @notice The leaf's hash as it stands in the tree of `contestKey`.
    function leafHash(bytes32 contestKey, Leaf calldata leaf) external view returns (bytes32);

    /// @notice Whether `leaf` stands at its index in the committed list.
    function isEntry(
        uint256 contestId,
        Terms calldata terms,
        Leaf calldata leaf,
        Path calldata path
    ) external view returns (bool);

    /// @notice Whether the leaf's entry was drawn at `rank` (winner or alternate) and that rank is not out.
    function isDrawnAt(
        uint256 contestId,
        Terms calldata terms,
        uint32 rank,
        Leaf calldata leaf,
        Path calldata path
    ) external view returns (bool);

    /// @notice Whether a rank was disqualified or proved to repeat an entry.
    function isOut(uint256 contestId, uint32 rank) external view returns (bool);

    /// @notice The place of a drawn rank: how many earlier ranks stand. Places below `winners` win.
    function placeOf(uint256 contestId, uint32 rank) external view returns (uint32 place);

    /// @notice The standing winners: the first `winners` ranks that are not out, with the numbers drawn there (entries,
    /// or units of a weighted list). For calls, not for transactions: 11 million gas with 5,000 winners, 27 million with
    /// 10,000, the most there can be.
    function standingWinners(
        uint256 contestId,
        Terms calldata terms
    ) external view returns (uint32[] memory ranks, uint64[] memory numbers);

    /// @notice The prize of a place, and whether it was paid or returned.
    function prizeOf(
        uint256 contestId,
        uint32 place
    ) external view returns (IRaffleTypes.Prize memory prize, bool settled);

    /// @notice Unix seconds from which unclaimed prizes go back: 180 days after `claimsFrom`, or 30 days after the reveal
    /// while there is no seed.
    function returnDueAt(uint256 contestId, Terms calldata terms) external view returns (uint64);
}
