// A compiler that stays warm: one line of standard JSON in, one line out. All sources are in the question.
'use strict';

const path = require('path');
const solc = require(require.resolve('solc', { paths: [path.resolve(__dirname, '..', '..')] }));

require('readline')
  .createInterface({ input: process.stdin })
  .on('line', (question) => process.stdout.write(`${solc.compile(question)}\n`));
