// Bundles each Function into one readable file that needs only Node and `twilio`, because Functions on Twilio
// cannot import each other by relative path. The operator's commands are bundled beside them, never uploaded.
import { readdirSync, rmSync } from 'node:fs';
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
  rmSync('dist', { recursive: true, force: true });
  for (const one of functions) buildSync(one);
  buildSync(commands);
}
