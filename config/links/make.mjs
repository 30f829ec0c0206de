// Writes crawlers.toml anew. Run by `./dev data` behind `npm ci`, when the version in package.json is
// raised; a build needs none of it.
import { readFileSync, writeFileSync } from 'node:fs';

const folder = new URL('.', import.meta.url).pathname;
const version = JSON.parse(readFileSync(folder + 'package.json')).dependencies['crawler-user-agents'];
const list = JSON.parse(readFileSync(folder + 'node_modules/crawler-user-agents/crawler-user-agents.json'));

// The first of these tags decides; whoever has none of them looks for pages like a search engine.
const kinds = [['social-preview', 'preview'], ['scanner', 'scanner'],
    ['browser-automation', 'automation'], ['http-library', 'automation']];
const saysOf = ({ tags = [] }) => kinds.find(([tag]) => tags.includes(tag))?.[1] ?? 'crawler';

const byKind = { preview: [], scanner: [], automation: [], crawler: [] };
for (const each of list)
    byKind[saysOf(each)].push(each.pattern);

const blocks = Object.entries(byKind).map(([says, patterns]) => {
    if (patterns.length < 20) throw new Error(`only ${patterns.length} patterns say ${says}`);
    return `[[agent]]
says = "${says}"
match = [
${patterns.sort().map((each) => `  ${JSON.stringify(each)},`).join('\n')}
]
`;
});
writeFileSync(folder + 'crawlers.toml', `# User agents of crawlers, previews and programs, by what their tags say: the ${list.length} patterns of
# npm crawler-user-agents ${version}. Written by ./dev data (make.mjs): not to be changed by hand. What
# this list lacks or has wrong is put right in agents.toml.
source = "npm crawler-user-agents ${version}"
licence = "MIT, Copyright (c) 2017 Martin Monperrus"
exact_case = true

${blocks.join('\n')}`);
