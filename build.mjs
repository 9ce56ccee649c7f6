// Bundles each Function into one readable file that needs only Node and `twilio`, because Functions on Twilio
// cannot import each other by relative path. The operator's commands are bundled beside them, never uploaded.
import { readdirSync, rmSync } from 'node:fs';
import { buildSync, context } from 'esbuild';

const options = { bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'warning' };
const functions = {
  ...options,
  entryPoints: readdirSync('src/functions').map((file) => `src/functions/${file}`),
  outdir: 'dist/functions',
  external: ['twilio'],
};
const commands = {
  ...options,
  entryPoints: ['src/ops/cli.ts', 'src/ops/loopback-only.ts'],
  outdir: 'dist/ops',
  packages: 'external',
};

if (process.argv.includes('--watch')) {
  await (await context(functions)).watch();
} else {
  rmSync('dist', { recursive: true, force: true });
  buildSync(functions);
  buildSync(commands);
}
