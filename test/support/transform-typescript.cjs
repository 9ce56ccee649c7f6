// jest runs TypeScript through esbuild: ts-jest does not accept TypeScript 7.
const { transformSync } = require('esbuild');

module.exports = {
  process: (source, filename) =>
    transformSync(source, {
      loader: 'ts',
      format: 'cjs',
      target: 'node20',
      sourcefile: filename,
      sourcemap: 'inline',
    }),
};
