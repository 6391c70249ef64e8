import type { XmlElement } from "../../_shared/xml-writer.ts";
import type { Identity, Invoice } from "./invoice-content.ts";

/** Who sells (BG-4), as CII names him. Without a number of VAT, in franchise, his SIREN stands for his tax registration. */
export function sellerParty(seller: Identity): XmlElement {
  const siren = sirenOf(seller);
  return [
    "ram:SellerTradeParty",
    [
      ...identified(seller, seller.name),
      addressElement(seller.address, "FR"),
      electronicAddress(siren),
      taxRegistration(seller.vatNumber) ?? (siren ? registered(siren, "FC") : undefined),
    ],
  ];
}

/** Who buys (BG-7): the company, with who signed up for it as its contact. */
export function buyerParty(buyer: Invoice["buyer"]): XmlElement {
  return [
    "ram:BuyerTradeParty",
    [
      ...identified(buyer, buyer.company || buyer.name || buyer.email),
      [
        "ram:DefinedTradeContact",
        [
          ["ram:PersonName", buyer.name],
          ["ram:TelephoneUniversalCommunication", [["ram:CompleteNumber", buyer.phone]]],
          ["ram:EmailURIUniversalCommunication", [["ram:URIID", buyer.email]]],
        ],
      ],
      addressElement(buyer.address, countryOf(buyer)),
      electronicAddress(sirenOf(buyer), buyer.email),
      taxRegistration(buyer.vatNumber),
    ],
  ];
}

/** Where it is delivered (BG-13), if elsewhere than the buyer's address. */
export function deliveryParty(buyer: Invoice["buyer"]): XmlElement | undefined {
  if (!buyer.deliveryAddress) return undefined;
  return ["ram:ShipToTradeParty", [addressElement(buyer.deliveryAddress, countryOf(buyer))]];
}

/** ISO 6523: 0009 is the SIRET of an establishment, 0002 the SIREN of a company. */
function identified(party: Identity, name: string): XmlElement[] {
  return [
    ["ram:GlobalID", party.siret, { schemeID: "0009" }],
    ["ram:Name", name],
    ["ram:SpecifiedLegalOrganization", [["ram:ID", sirenOf(party), { schemeID: "0002" }]]],
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

function sirenOf({ siret }: Identity): string | null {
  return siret?.slice(0, 9) ?? null;
}

/** The country that a number of VAT begins with; France where there is none. */
function countryOf({ vatNumber }: Identity): string {
  const prefix = vatNumber?.slice(0, 2) ?? "FR";
  return { EL: "GR", XI: "GB" }[prefix] ?? prefix;
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
