/** One record of a file: a line of a CSV file, a row of a sheet. */
export type FileRecord = {
  cells: readonly string[];
  /** The line on which the record begins, counted from 1 as an editor counts; the number of a sheet's row. */
  line: number;
};

/** Records of one piece of the file, and the bytes read up to its end. */
export type FileBatch = { records: FileRecord[]; bytes: number };
