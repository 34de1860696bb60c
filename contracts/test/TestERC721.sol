// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// @title An ERC-721 that anyone mints
contract TestERC721 is ERC721("Test", "TEST") {
    function mint(address to, uint256 tokenId) external {
        _mint(to, tokenId);
    }
}
