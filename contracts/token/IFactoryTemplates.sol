// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Templates of a factory, by version
/// @notice Templates are never changed, only added and retired; what was made of them stays as it is.
interface IFactoryTemplates {
    /// @notice A template, as registered.
    /// @param implementation Contract that clones run.
    /// @param version Counts from 1 within a kind.
    /// @param retired Whether no more tokens can be made of it.
    /// @param kind What it is for, such as "token" or "plain".
    struct Template {
        address implementation;
        uint32 version;
        bool retired;
        bytes32 kind;
    }

    /// @notice Tokens can be made of this template from now on.
    event TemplateRegistered(
        uint256 indexed templateId,
        address indexed implementation,
        bytes32 indexed kind,
        uint32 version
    );
    /// @notice No more tokens can be made of this template.
    event TemplateRetired(uint256 indexed templateId);

    /// @notice There is no contract at the template's address.
    error TokenFactoryTemplateInvalid(address implementation);
    /// @notice No template has this id.
    error TokenFactoryTemplateUnknown(uint256 templateId);
    /// @notice The template was retired.
    error TokenFactoryTemplateRetired(uint256 templateId);

    /// @notice Adds a template as the next version of its kind.
    function registerTemplate(bytes32 kind, address implementation) external returns (uint256 templateId);

    /// @notice Lets no more tokens be made of a template, for good.
    function retireTemplate(uint256 templateId) external;

    /// @notice Templates have the ids 1 to this.
    function templateCount() external view returns (uint256);

    /// @notice The template with this id.
    function templateOf(uint256 templateId) external view returns (Template memory);

    /// @notice Id of the newest template of a kind that is not retired; 0 when there is none.
    function latestTemplate(bytes32 kind) external view returns (uint256 templateId);
}
