/** A file that cannot be imported as it is; the message tells a person, in French, what to do about it. */
export class ImportRefusal extends Error {
  override name = "ImportRefusal";
}

/** A file of a kind that is not read here. */
export class UnsupportedFormat extends ImportRefusal {
  override name = "UnsupportedFormat";
}
