import type { XmlElement } from "../xml-writer.ts";
import type { Party } from "./trade-document.ts";

/** Who sells (BG-4), as CII names him. Without a number of VAT, in franchise, his SIREN stands for his tax registration. */
export function sellerParty(seller: Party): XmlElement {
  const registration = taxRegistration(seller.vatNumber) ?? (seller.siren ? registered(seller.siren, "FC") : undefined);
  return ["ram:SellerTradeParty", [...identified(seller), registration]];
}

/** Who buys (BG-7). */
export function buyerParty(buyer: Party): XmlElement {
  return ["ram:BuyerTradeParty", [...identified(buyer), taxRegistration(buyer.vatNumber)]];
}

/** Where it is delivered (BG-13), if elsewhere than the buyer's address. */
export function deliveryParty(address: string | null, { country }: Party): XmlElement | undefined {
  return address ? ["ram:ShipToTradeParty", [addressElement(address, country)]] : undefined;
}

/** The country that a number of VAT begins with; null where there is no number. */
export function countryOfVat(vatNumber: string | null): string | null {
  const prefix = vatNumber?.slice(0, 2) ?? null;
  return prefix && ({ EL: "GR", XI: "GB" }[prefix] ?? prefix);
}

/** ISO 6523: 0009 is the SIRET of an establishment, 0002 the SIREN of a company. */
function identified({ name, siren, siret, address, country, contact }: Party): XmlElement[] {
  return [
    ["ram:GlobalID", siret, { schemeID: "0009" }],
    ["ram:Name", name],
    ["ram:SpecifiedLegalOrganization", [["ram:ID", siren, { schemeID: "0002" }]]],
    [
      "ram:DefinedTradeContact",
      [
        ["ram:PersonName", contact?.name ?? null],
        ["ram:TelephoneUniversalCommunication", [["ram:CompleteNumber", contact?.phone ?? null]]],
        ["ram:EmailURIUniversalCommunication", [["ram:URIID", contact?.email ?? null]]],
      ],
    ],
    addressElement(address, country),
    electronicAddress(siren, contact?.email),
  ];
}

/** Where a platform finds a party: 0225 is the French directory's, by SIREN; EM is an e-mail address. */
function electronicAddress(siren: string | null, email?: string): XmlElement {
  const uri: XmlElement = siren
    ? ["ram:URIID", siren, { schemeID: "0225" }]
    : ["ram:URIID", email ?? null, { schemeID: "EM" }];
  return ["ram:URIUniversalCommunication", [uri]];
}

function taxRegistration(vatNumber: string | null): XmlElement | undefined {
  return vatNumber ? registered(vatNumber, "VA") : undefined;
}

function registered(number: string, schemeID: string): XmlElement {
  return ["ram:SpecifiedTaxRegistration", [["ram:ID", number, { schemeID }]]];
}

// The postcodes of Europe. One of four digits may be a house number: in France it is never a postcode.
const french = /^(?:(.*[^ ,])[ ,]+)?(\d{5}) +(\p{L}[^,]*)$/u;
const foreign =
  /^(?:(.*[^ ,])[ ,]+)?(?:[A-Z]{1,2}-)?(\d{4} ?[A-Z]{2}|\d{3} \d{2}|\d{2}-\d{3}|\d{4}-\d{3}|\d{4,6}) +(\p{L}[^,]*)$/u;

/**
 * A postal address out of its lines: a country at the end counts more than the one that the numbers tell, postcode and city
 * are looked for in the last line, and what is before is the street. The country alone must be there.
 */
function addressElement(address: string | null, country: string): XmlElement {
  const lines = (address ?? "").split("\n").map((line) => line.replace(/\s+/gu, " ").trim());
  const written = lines.filter(Boolean);
  const named = codeOfCountry(written.at(-1) ?? "");
  if (named) written.pop();
  const where = named ?? country;
  const found = (where === "FR" ? french : foreign).exec(written.at(-1) ?? "");
  if (found) written.splice(-1, 1, ...(found[1] ? [found[1]] : []));
  return [
    "ram:PostalTradeAddress",
    [
      ["ram:PostcodeCode", found?.[2] ?? null],
      ["ram:LineOne", written[0] ?? null],
      ["ram:LineTwo", written[1] ?? null],
      ["ram:LineThree", written.slice(2).join(", ")],
      ["ram:CityName", found?.[3] ?? null],
      ["ram:CountryID", where],
    ],
  ];
}

let countries: Map<string, string> | undefined;

/** The code of a country by its French or English name; undefined for what is none. */
function codeOfCountry(name: string): string | undefined {
  countries ??= new Map(["en", "fr"].flatMap(namesOfCountries));
  return countries.get(name.toLowerCase());
}

function namesOfCountries(language: string): [string, string][] {
  const names = new Intl.DisplayNames(language, { type: "region", fallback: "none" });
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  return letters
    .flatMap((first) => letters.map((second) => first + second))
    .filter((code) => !notCountries.includes(code))
    .flatMap((code) => {
      const name = names.of(code);
      return name ? [[name.toLowerCase(), code] as [string, string]] : [];
    });
}

// What Unicode has a name for and ISO 3166 has not, or no longer.
const notCountries =
  "AC AN BU CP CQ CS DD DG DY EA EU EZ FX HV IC NH NT QO RH SU TA TP UK UN VD XA XB XK YD YU ZR ZZ".split(" ");
