// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {IFactoryTemplates} from "./IFactoryTemplates.sol";

/// @title The register of templates
abstract contract FactoryTemplates is IFactoryTemplates, Ownable2Step {
    Template[] private _templates;

    /// @inheritdoc IFactoryTemplates
    function registerTemplate(
        bytes32 kind,
        address implementation
    ) external onlyOwner returns (uint256 templateId) {
        return _register(kind, implementation);
    }

    /// @inheritdoc IFactoryTemplates
    function retireTemplate(uint256 templateId) external onlyOwner {
        _activeTemplate(templateId);
        _templates[templateId - 1].retired = true;
        emit TemplateRetired(templateId);
    }

    /// @inheritdoc IFactoryTemplates
    function templateCount() external view returns (uint256) {
        return _templates.length;
    }

    /// @inheritdoc IFactoryTemplates
    function templateOf(uint256 templateId) external view returns (Template memory) {
        return _template(templateId);
    }

    /// @inheritdoc IFactoryTemplates
    function latestTemplate(bytes32 kind) external view returns (uint256 templateId) {
        for (templateId = _templates.length; templateId > 0; --templateId) {
            Template storage found = _templates[templateId - 1];
            if (found.kind == kind && !found.retired) return templateId;
        }
    }

    function _register(bytes32 kind, address implementation) internal returns (uint256 templateId) {
        if (implementation.code.length == 0) revert TokenFactoryTemplateInvalid(implementation);
        uint32 version = 1;
        // The owner alone adds templates, and they stay few.
        for (uint256 i = 0; i < _templates.length; ++i) {
            if (_templates[i].kind == kind) ++version;
        }
        _templates.push(Template(implementation, version, false, kind));
        templateId = _templates.length;
        emit TemplateRegistered(templateId, implementation, kind, version);
    }

    function _activeTemplate(uint256 templateId) internal view returns (address implementation) {
        Template storage found = _template(templateId);
        if (found.retired) revert TokenFactoryTemplateRetired(templateId);
        return found.implementation;
    }

    function _template(uint256 templateId) internal view returns (Template storage) {
        if (templateId == 0 || templateId > _templates.length) revert TokenFactoryTemplateUnknown(templateId);
        return _templates[templateId - 1];
    }
}
