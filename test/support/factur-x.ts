import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { PDFDocument } from "@cantoo/pdf-lib";
import { XmlDocument, XmlValidateError, XsdValidator } from "libxml2-wasm";
import { xmlRegisterFsInputProviders } from "libxml2-wasm/lib/nodejs.mjs";

// The schema as it is published, Factur-X 1.09, profile EN 16931; it is in several files, which name each other.
const entry = createRequire(import.meta.url).resolve("@stackforge-eu/factur-x");
const url = new URL("../schema/en16931/FACTUR-X_EN16931.xsd", `file://${entry}`).pathname;
xmlRegisterFsInputProviders();
const schema = XsdValidator.fromDoc(XmlDocument.fromBuffer(readFileSync(url), { url }));

const namespaces = {
  rsm: "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
  ram: "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
};

const sums = "//ram:SpecifiedTradeSettlementHeaderMonetarySummation/ram:";
const tax = "//ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax";
const line = "//ram:SpecifiedLineTradeSettlement";
const seller = "//ram:SellerTradeParty";
const buyer = "//ram:BuyerTradeParty";
const credited = "//rsm:ExchangedDocument/ram:TypeCode = '381'";
const siren = "ram:SpecifiedLegalOrganization/ram:ID[@schemeID = '0002']";

/** An amount in integer cents, since XPath counts in floating point. */
const cents = (amount: string) => `round(100 * (${amount}))`;
const computedVat = `round(${tax}/ram:BasisAmount * ${tax}/ram:RateApplicablePercent)`;
const wrongVat = `${cents(`${tax}/ram:CalculatedAmount`)} - ${computedVat}`;
const once = (code: string) => `count(//ram:IncludedNote[ram:SubjectCode = '${code}'][ram:Content]) = 1`;
const unlessTax = (condition: string) => `not(${tax}[${condition}])`;

/**
 * Rules of EN 16931 and of its French use (BR-FR, XP Z12-012), for an invoice of one rate. The schematron itself is XSLT 2
 * in no package of npm's; it was run by hand on each kind of document.
 */
const rules: Record<string, string> = {
  "BR-01": "//ram:GuidelineSpecifiedDocumentContextParameter/ram:ID = 'urn:cen.eu:en16931:2017'",
  "BR-06": `${seller}/ram:Name`,
  "BR-07": `${buyer}/ram:Name`,
  "BR-09": `string-length(${seller}/ram:PostalTradeAddress/ram:CountryID) = 2`,
  "BR-11": `string-length(${buyer}/ram:PostalTradeAddress/ram:CountryID) = 2`,
  "BR-55": `not(${credited}) or //ram:InvoiceReferencedDocument/ram:IssuerAssignedID`,
  "BR-57": "not(//ram:ShipToTradeParty) or string-length(//ram:ShipToTradeParty//ram:CountryID) = 2",
  "BR-61": "not(//ram:SpecifiedTradeSettlementPaymentMeans[ram:TypeCode = '30' or ram:TypeCode = '58'])",
  "BR-CO-10": `${cents(`${sums}LineTotalAmount`)} = ${cents(`sum(${line}//ram:LineTotalAmount)`)}`,
  "BR-CO-13": `${cents(`${sums}TaxBasisTotalAmount`)} = ${cents(`${sums}LineTotalAmount`)}`,
  "BR-CO-14": `${cents(`${sums}TaxTotalAmount[@currencyID = 'EUR']`)} = ${cents(`sum(${tax}/ram:CalculatedAmount)`)}`,
  "BR-CO-15": `${cents(`${sums}GrandTotalAmount`)} = ${cents(`${sums}TaxBasisTotalAmount + ${sums}TaxTotalAmount`)}`,
  "BR-CO-16": `${cents(`${sums}DuePayableAmount`)} = ${cents(`${sums}GrandTotalAmount - ${sums}TotalPrepaidAmount`)}`,
  // Published with a tolerance of a euro. Here it is a cent: a price with VAT may be that of no net and its very VAT.
  "BR-CO-17": `${wrongVat} <= 1 and ${wrongVat} >= -1`,
  "BR-CO-18": `count(${tax}) = 1`,
  "BR-CO-26": `${seller}/ram:SpecifiedLegalOrganization/ram:ID`,
  "BR-S-02, BR-E-02": `${seller}/ram:SpecifiedTaxRegistration/ram:ID`,
  "BR-S-05": unlessTax("ram:CategoryCode = 'S' and ram:RateApplicablePercent <= 0"),
  "BR-S-08": `${cents(`${tax}/ram:BasisAmount`)} = ${cents(`sum(${line}[ram:ApplicableTradeTax/ram:CategoryCode = ${tax}/ram:CategoryCode]//ram:LineTotalAmount)`)}`,
  "BR-S-10": unlessTax("ram:CategoryCode = 'S' and (ram:ExemptionReason or ram:ExemptionReasonCode)"),
  "BR-AE-02": `not(${tax}/ram:CategoryCode = 'AE') or ${buyer}/ram:SpecifiedTaxRegistration/ram:ID[@schemeID = 'VA']`,
  "BR-AE-05, BR-E-05": unlessTax("ram:CategoryCode != 'S' and ram:RateApplicablePercent != 0"),
  "BR-AE-09, BR-E-09": unlessTax("ram:CategoryCode != 'S' and ram:CalculatedAmount != 0"),
  "BR-AE-10": unlessTax("ram:CategoryCode = 'AE' and not(ram:ExemptionReasonCode = 'VATEX-EU-AE')"),
  "BR-E-10": unlessTax("ram:CategoryCode = 'E' and not(ram:ExemptionReasonCode = 'VATEX-FR-FRANCHISE')"),
  "BR-FR-05": `${once("PMT")} and ${once("PMD")} and ${once("AAB")}`,
  "BR-FR-09": `not(//ram:GlobalID[@schemeID = '0009'][not(starts-with(., ../${siren}))])`,
  "BR-FR-10": `string-length(${seller}/${siren}) = 9`,
  "BR-FR-12": `${buyer}/ram:URIUniversalCommunication/ram:URIID/@schemeID`,
  "BR-FR-13": `${seller}/ram:URIUniversalCommunication/ram:URIID/@schemeID`,
  "BR-FR-CO-05": `not(${credited}) or //ram:InvoiceReferencedDocument/ram:FormattedIssueDateTime`,
  "BR-FR-CO-09": `${sums}DuePayableAmount = 0 and //ram:DueDateDateTime`,
  "PEPPOL-EN16931-R008": "not(//*[not(*) and not(normalize-space())])",
};

/** What of the published schema and of the rules an invoice breaks. */
export function invoiceProblems(xml: string): string[] {
  using document = XmlDocument.fromString(xml);
  const broken = Object.entries(rules).filter(([, rule]) => document.eval(`boolean(${rule})`, namespaces) !== true);
  return [...schemaProblems(document), ...broken.map(([name]) => name)];
}

function schemaProblems(document: XmlDocument): string[] {
  try {
    schema.validate(document);
    return [];
  } catch (error) {
    if (error instanceof XmlValidateError) return [error.message];
    throw error;
  }
}

/** The texts of an invoice at an XPath, whose names are of `ram`, but for `rsm`'s. */
export function textsAt(xml: string, path: string): string[] {
  using document = XmlDocument.fromString(xml);
  return document.find(path, namespaces).map((node) => node.content);
}

/** What people read in a PDF, line by line. */
export async function pdfText(bytes: Uint8Array): Promise<string> {
  const assets = (await PDFDocument.load(bytes)).getPages().flatMap((page) => page.extractContents());
  return assets.flatMap((asset) => (asset.kind === "text" ? asset.getText() : [])).join("\n");
}
