// Compiles Chainlink's VRFCoordinatorV2_5 with the compiler it pins and prints {name, abi, bytecode} as JSON.
// The compiler is that of Chainlink's profile `vrfv2plus-compile` (@chainlink/contracts/foundry.toml), evm paris as it was
// released; with the profile's 1,000,000 optimizer runs it has 28,520 bytes, more than a chain takes, so 500 here.
'use strict';

const fs = require('fs');
const path = require('path');
const solc = require('solc-0.8.19');

const MODULES = path.resolve(__dirname, '..', '..', 'node_modules');
const FILE = '@chainlink/contracts/src/v0.8/vrf/dev/VRFCoordinatorV2_5.sol';
const NAME = 'VRFCoordinatorV2_5';

const input = {
  language: 'Solidity',
  sources: { [FILE]: { content: fs.readFileSync(path.join(MODULES, FILE), 'utf8') } },
  settings: {
    evmVersion: 'paris',
    optimizer: { enabled: true, runs: 500 },
    remappings: ['@openzeppelin/contracts@4.9.6/=@openzeppelin/contracts-4.9.6/'],
    outputSelection: { [FILE]: { [NAME]: ['abi', 'evm.bytecode.object'] } },
  },
};

/** Finds an imported source in node_modules. */
function readSource(name) {
  const file = path.join(MODULES, name);
  return fs.existsSync(file) ? { contents: fs.readFileSync(file, 'utf8') } : { error: `no file ${name}` };
}

const output = JSON.parse(solc.compile(JSON.stringify(input), { import: readSource }));
const errors = (output.errors ?? []).filter((found) => found.severity === 'error');
if (errors.length > 0) {
  process.stderr.write(errors.map((found) => found.formattedMessage).join('\n'));
  process.exitCode = 1;
} else {
  const { abi, evm } = output.contracts[FILE][NAME];
  process.stdout.write(JSON.stringify({ name: NAME, abi, bytecode: evm.bytecode.object }));
}
