/**
 * A table whose first line names the columns; cells in quotes may hold commas, line ends and doubled quotes (RFC 4180).
 *
 * @returns one object a line, by column.
 */
export function parseCsv(text: string): Record<string, string>[] {
  const [columns = [], ...rows] = parseRows(text.replace(/^\ufeff/, ''));
  return rows
    .filter((cells) => cells.some((cell) => cell !== ''))
    .map((cells) => Object.fromEntries(columns.map((column, i) => [column.trim(), cells[i] ?? ''])));
}

function parseRows(text: string): string[][] {
  const rows: string[][] = [[]];
  // Each match is one cell and what ends it: a comma, a line end or the end of the text.
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '') break;
    if (end !== ',') rows.push([]);
  }
  return rows;
}
