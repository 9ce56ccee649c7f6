// Bundles each Function into one readable file that needs only Node and `twilio`, because Functions on Twilio
// cannot import each other by relative path. The operator's commands are bundled beside them, never uploaded.
import { readdirSync, rmSync } from 'node:fs';
import { buildSync } from 'esbuild';

const options = { bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'warning' };

/** esbuild's options for the Functions; `npm start` watches with the same. */
export const functionsBuild = {
  ...options,
  entryPoints: readdirSync('src/functions').map((file) => `src/functions/${file}`),
  outdir: 'dist/functions',
  external: ['twilio'],
};

rmSync('dist', { recursive: true, force: true });
buildSync(functionsBuild);
buildSync({ ...options, entryPoints: ['src/ops/cli.ts'], outdir: 'dist/ops', packages: 'external' });
