// Bundles each Function into one small file that needs only Node and `twilio`, because Functions on Twilio
// cannot import each other by relative path. The operator's commands are bundled beside them, never uploaded.
import { readdirSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { buildSync, context } from 'esbuild';

const options = { bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'warning' };
// An `exports` of our own: for an ES module's, esbuild would put 1 kB of helpers before the Function.
const functions = readdirSync('src/functions').map((file) => ({
  ...options,
  stdin: {
    contents: `import { handler } from './${file}';\nexports.handler = handler;`,
    resolveDir: 'src/functions',
    sourcefile: 'exports.js',
  },
  banner: { js: "'use strict';" },
  minifyWhitespace: true,
  minifySyntax: true, // Names stay: the log line of a defect tells where it struck.
  outfile: `dist/functions/${file.replace(/\.ts$/, '.js')}`,
  external: ['twilio'],
}));
const commands = {
  ...options,
  entryPoints: ['src/ops/cli.ts', 'src/ops/preload.ts'],
  outdir: 'dist/ops',
  packages: 'external',
};

if (process.argv.includes('--watch')) {
  for (const one of functions) await (await context(one)).watch();
} else {
  try {
    for (const one of [...functions, commands]) buildSync(one);
  } catch {
    process.exit(1); // esbuild has said where and why.
  }
  // Whatever else is there would become a URL. The rest is written over, for other commands may be using it.
  const names = functions.map(({ outfile }) => basename(outfile));
  for (const file of readdirSync('dist/functions'))
    if (!names.includes(file)) rmSync(`dist/functions/${file}`);
}
