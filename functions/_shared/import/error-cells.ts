const hash = 35;
const longest = 24;
// As spreadsheets write them, in English, French, German, Spanish and Italian.
const errors =
  /^#(N\/?A|N\/[BD]|NV|GETTING_DATA)\s*[!?]?$|^#ERREUR\s*!?$|^#{3,}$|^Err:\d{3}$|^#(REF|BEZUG|DIV\/0|VALUE|VALEUR|WERT|VALOR|VALORE|NAME|NOM|NOMBRE|NOME|NULL|NUL|NULO|NULLO|NUM|NUMERO|ZAHL|ERROR|SPILL|PROPAGATION|CALC|FIELD|CHAMP|BLOCKED|CONNECT|UNKNOWN)\s*[!?]$/i;
const decoder = new TextDecoder();

/** Whether a text is what a formula shows that has gone wrong. */
export function isError(text: string): boolean {
  return text.length <= longest && errors.test(text.trim());
}

/** The same of a text's bytes. */
export function isErrorCell(text: Uint8Array, from: number, to: number): boolean {
  return text[from] === hash && to - from <= longest && errors.test(decoder.decode(text.subarray(from, to)).trim());
}
