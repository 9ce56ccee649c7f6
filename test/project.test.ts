import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseEnv } from 'node:util';
import packageJson from '../package.json';
import { parseBaseUrl, parsePhoneNumbers } from '../src/config';

const README = readFileSync('README.md', 'utf8');
const ENV_EXAMPLE = readFileSync('.env.example', 'utf8');
const DOCUMENTS = ['README.md', '.env.example', ...readdirSync('docs').map((file) => `docs/${file}`)];
/** Scripts that npm or CI call, not a person. */
const UNDOCUMENTED = ['build', 'prepare'];

/** The variables that src/config.ts reads. */
const VARIABLES = unique(readFileSync('src/config.ts', 'utf8').matchAll(/variables\['(\w+)'\]/g));

/** The first group of each match, once, in alphabetical order. */
function unique(matches: Iterable<RegExpMatchArray>): string[] {
  return [...new Set(Array.from(matches, ([, group = '']) => group))].sort();
}

/** The project's files that a source file imports, and other modules by their names. */
function importsOf(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  return Array.from(
    source.matchAll(/^(?:import|export)\b[^;]*? from '([^']+)'|\bimport\('([^']+)'\)/gm),
    (match) => {
      const name = match[1] ?? match[2] ?? '';
      return name.startsWith('.') ? join(dirname(file), name) : name;
    },
  );
}

function sourcesIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.ts')).map((file) => join(folder, file));
}

describe('the documentation', () => {
  it.each(DOCUMENTS)('%s names only scripts that exist', (file) => {
    const text = readFileSync(file, 'utf8');
    const named = unique(text.matchAll(/\bnpm (?:run (?:--silent )?)?(?!ci\b|run\b|install\b)([a-z]+)\b/g));
    const known = Object.keys(packageJson.scripts);
    expect(named.filter((script) => !known.includes(script))).toEqual([]);
  });

  it('README.md names every script that a person runs', () => {
    const missing = Object.keys(packageJson.scripts).filter(
      (script) => !UNDOCUMENTED.includes(script) && !new RegExp(`\\bnpm (run )?${script}\\b`).test(README),
    );
    expect(missing).toEqual([]);
  });

  it('README.md explains every variable that is read, and no other', () => {
    const [, table = ''] = README.split('## Configuration');
    const rows = table.split('\n## ')[0]?.match(/^\|[^|]*`[A-Z_]+`[^|]*\|/gm) ?? [];
    expect(unique(rows.join('').matchAll(/`([A-Z_]+)`/g))).toEqual(VARIABLES);
  });

  it('.env.example has every variable that is read, and no other', () => {
    expect(Object.keys(parseEnv(ENV_EXAMPLE)).sort()).toEqual(VARIABLES);
  });

  it('.env.example has values that work, and no credentials', () => {
    const { ACCOUNT_SID, AUTH_TOKEN, FIKIRI_BASE_URL, ...rest } = parseEnv(ENV_EXAMPLE);
    expect({ ACCOUNT_SID, AUTH_TOKEN }).toEqual({ ACCOUNT_SID: '', AUTH_TOKEN: '' });
    expect(parseBaseUrl(FIKIRI_BASE_URL)).toBe(FIKIRI_BASE_URL);
    expect(parsePhoneNumbers(rest)).toEqual(parsePhoneNumbers({}));
  });

  it('README.md names only files and folders that exist', () => {
    const named = unique(README.matchAll(/(?<![\w./-])((?:src|test|docs|bench)\/[\w./-]*[\w/])/g));
    expect(named).toContain('src/inbound/receive-call.ts');
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('README.md fits 150 lines', () => {
    expect(README.split('\n').length).toBeLessThanOrEqual(150);
  });
});

describe('package.json', () => {
  it('has two dependencies, which Twilio installs without the lock file', () => {
    expect(Object.keys(packageJson.dependencies).sort()).toEqual(['@twilio/runtime-handler', 'twilio']);
  });

  it('pins every version exactly', () => {
    const versions = Object.values({ ...packageJson.dependencies, ...packageJson.devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it('has the versions that are installed', () => {
    const wanted = { ...packageJson.dependencies, ...packageJson.devDependencies };
    const installed = Object.keys(wanted).map((name) => [
      name,
      JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version,
    ]);
    expect(Object.fromEntries(installed)).toEqual(wanted);
  });
});

describe('the settings of the toolkit', () => {
  it('stand in .twilioserverlessrc, under both of its names', () => {
    expect(readlinkSync('.twilioserverless')).toBe('.twilioserverlessrc');
  });

  it('keep .env and what deployments leave out of git', () => {
    const ignored = readFileSync('.gitignore', 'utf8').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['node_modules/', 'dist/', '.env', '.twiliodeployinfo']));
  });
});

describe('the sources', () => {
  it('of a Function are one protected file of at most 30 lines', () => {
    const files = readdirSync('src/functions');
    expect(files).toEqual(['sms.protected.ts', 'voice.protected.ts']);
    const lengths = files.map((file) => readFileSync(`src/functions/${file}`, 'utf8').split('\n').length - 1);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(30);
  });

  it('import one way: functions from inbound, and neither from ops', () => {
    const uploaded = [...sourcesIn('src/functions'), ...sourcesIn('src/inbound'), ...topLevelSources()];
    const wrong = uploaded.flatMap((file) =>
      importsOf(file)
        .filter((imported) => /^src\/(ops|functions)\b|^test\b/.test(imported))
        .map((imported) => `${file} imports ${imported}`),
    );
    expect(wrong).toEqual([]);
  });

  it('that are uploaded use only Node, twilio, and types', () => {
    const uploaded = [...sourcesIn('src/functions'), ...sourcesIn('src/inbound'), ...topLevelSources()];
    const modules = new Set(
      uploaded.flatMap(importsOf).filter((name) => !/^(src\/|node:|twilio\b)/.test(name)),
    );
    expect([...modules]).toEqual(['@twilio-labs/serverless-runtime-types/types']);
  });

  it('of inbound know no arguments and no environment', () => {
    const knowing = sourcesIn('src/inbound').filter((file) =>
      /process\.(env|argv)/.test(readFileSync(file, 'utf8')),
    );
    expect(knowing).toEqual([]);
  });

  it('end the process in cli.ts only, but for a signal and for forked Functions', () => {
    const ending = sourcesIn('src').filter((file) => /process\.exit\(/.test(readFileSync(file, 'utf8')));
    expect(ending.sort()).toEqual(['src/ops/cli.ts', 'src/ops/commands/demo.ts', 'src/ops/preload.ts']);
  });
});

function topLevelSources(): string[] {
  return readdirSync('src')
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `src/${file}`);
}
