
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

export type Database = {
  
  "leads": {
          Tables: {
            "billing_details": {
                  Row: {
                    "address": string,"buyer_id": string,"delivery_address": string | null,"name": string,"siret": string | null,"updated_at": string,"vat_number": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "address": string,"buyer_id": string,"delivery_address"?: string | null,"name": string,"siret"?: string | null,"updated_at"?: string,"vat_number"?: string | null
                  }
                  Update: {
                    "address"?: string,"buyer_id"?: string,"delivery_address"?: string | null,"name"?: string,"siret"?: string | null,"updated_at"?: string,"vat_number"?: string | null
                  }
                  Relationships: [
                    
                  ]
                },"bonus_budgets": {
                  Row: {
                    "month": string,"spent_cents": number
                  }
                  ComputedFields: never
                  Insert: {
                    "month": string,"spent_cents": number
                  }
                  Update: {
                    "month"?: string,"spent_cents"?: number
                  }
                  Relationships: [
                    
                  ]
                },"buyers": {
                  Row: {
                    "created_at": string,"preferred_regions": (string)[],"preferred_sectors": (string)[],"updated_at": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"preferred_regions"?: (string)[],"preferred_sectors"?: (string)[],"updated_at"?: string,"user_id": string
                  }
                  Update: {
                    "created_at"?: string,"preferred_regions"?: (string)[],"preferred_sectors"?: (string)[],"updated_at"?: string,"user_id"?: string
                  }
                  Relationships: [
                    
                  ]
                },"called_people": {
                  Row: {
                    "call_id": string,"called_at": string,"person_hash": string,"refused": boolean
                  }
                  ComputedFields: never
                  Insert: {
                    "call_id": string,"called_at": string,"person_hash": string,"refused": boolean
                  }
                  Update: {
                    "call_id"?: string,"called_at"?: string,"person_hash"?: string,"refused"?: boolean
                  }
                  Relationships: [
                    {
      foreignKeyName: "called_people_call_id_fkey"
      columns: ["call_id"]
isOneToOne: false
      referencedRelation: "calls"
      referencedColumns: ["id"]
    }
                  ]
                },"calls": {
                  Row: {
                    "agent_id": string | null,"agent_name": string,"called_on": string,"created_at": string,"duration": string,"duration_seconds": number,"id": string,"lead_company": string | null,"lead_id": string | null,"lead_name": string,"outside_rules": (string)[] | null,"recording_path": string | null,"recording_size": string | null,"recording_status": string,"reference": string,"result": string
                  }
                  ComputedFields: never
                  Insert: {
                    "agent_id"?: string | null,"agent_name": string,"called_on"?: string,"created_at"?: string,"duration": string,"duration_seconds": number,"id"?: string,"lead_company"?: string | null,"lead_id"?: string | null,"lead_name": string,"outside_rules"?: (string)[] | null,"recording_path"?: string | null,"recording_size"?: string | null,"recording_status": string,"reference"?: string,"result": string
                  }
                  Update: {
                    "agent_id"?: string | null,"agent_name"?: string,"called_on"?: string,"created_at"?: string,"duration"?: string,"duration_seconds"?: number,"id"?: string,"lead_company"?: string | null,"lead_id"?: string | null,"lead_name"?: string,"outside_rules"?: (string)[] | null,"recording_path"?: string | null,"recording_size"?: string | null,"recording_status"?: string,"reference"?: string,"result"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "calls_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: false
      referencedRelation: "lead_rows"
      referencedColumns: ["key"]
    },{
      foreignKeyName: "calls_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: false
      referencedRelation: "leads"
      referencedColumns: ["id"]
    }
                  ]
                },"credit_offers": {
                  Row: {
                    "bonus": number,"credits": number,"id": string,"name": string,"popular": boolean,"price_cents": number,"reference": string
                  }
                  ComputedFields: never
                  Insert: {
                    "bonus"?: number,"credits": number,"id"?: string,"name": string,"popular"?: boolean,"price_cents": number,"reference": string
                  }
                  Update: {
                    "bonus"?: number,"credits"?: number,"id"?: string,"name"?: string,"popular"?: boolean,"price_cents"?: number,"reference"?: string
                  }
                  Relationships: [
                    
                  ]
                },"credit_packs": {
                  Row: {
                    "active": boolean,"bonus": number,"created_at": string,"credits": number,"id": string,"name": string,"popular": boolean,"price_cents": number,"price_per_credit_cents": number,"reference": string,"updated_at": string,"version": number
                  }
                  ComputedFields: never
                  Insert: {
                    "active"?: boolean,"bonus"?: number,"created_at"?: string,"credits": number,"id"?: string,"name": string,"popular"?: boolean,"price_cents": number,"price_per_credit_cents": number,"reference"?: string,"updated_at"?: string,"version"?: number
                  }
                  Update: {
                    "active"?: boolean,"bonus"?: number,"created_at"?: string,"credits"?: number,"id"?: string,"name"?: string,"popular"?: boolean,"price_cents"?: number,"price_per_credit_cents"?: number,"reference"?: string,"updated_at"?: string,"version"?: number
                  }
                  Relationships: [
                    
                  ]
                },"credit_rules": {
                  Row: {
                    "active": boolean,"created_at": string,"description": string,"id": string,"kind": string | null,"name": string,"reference": string,"unit": string,"updated_at": string,"value": number,"version": number
                  }
                  ComputedFields: never
                  Insert: {
                    "active"?: boolean,"created_at"?: string,"description": string,"id"?: string,"kind"?: string | null,"name": string,"reference"?: string,"unit": string,"updated_at"?: string,"value": number,"version"?: number
                  }
                  Update: {
                    "active"?: boolean,"created_at"?: string,"description"?: string,"id"?: string,"kind"?: string | null,"name"?: string,"reference"?: string,"unit"?: string,"updated_at"?: string,"value"?: number,"version"?: number
                  }
                  Relationships: [
                    {
      foreignKeyName: "credit_rules_kind_fkey"
      columns: ["kind"]
isOneToOne: true
      referencedRelation: "rule_kinds"
      referencedColumns: ["kind"]
    }
                  ]
                },"departments": {
                  Row: {
                    "code": string,"key": string,"name": string,"region": string
                  }
                  ComputedFields: never
                  Insert: {
                    "code": string,"key"?: never,"name": string,"region": string
                  }
                  Update: {
                    "code"?: string,"key"?: never,"name"?: string,"region"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "departments_region_fkey"
      columns: ["region"]
isOneToOne: false
      referencedRelation: "regions"
      referencedColumns: ["name"]
    }
                  ]
                },"earnings": {
                  Row: {
                    "amount_cents": number,"buyer_id": string | null,"created_at": string,"id": string,"kind": string,"lead_id": string | null,"payable_from": string,"payout_id": string | null,"supplier_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "amount_cents": number,"buyer_id"?: string | null,"created_at"?: string,"id"?: string,"kind": string,"lead_id"?: string | null,"payable_from": string,"payout_id"?: string | null,"supplier_id": string
                  }
                  Update: {
                    "amount_cents"?: number,"buyer_id"?: string | null,"created_at"?: string,"id"?: string,"kind"?: string,"lead_id"?: string | null,"payable_from"?: string,"payout_id"?: string | null,"supplier_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "earnings_buyer_id_lead_id_fkey"
      columns: ["buyer_id","lead_id"]
isOneToOne: false
      referencedRelation: "kept_sales"
      referencedColumns: ["buyer_id","lead_id"]
    },{
      foreignKeyName: "earnings_buyer_id_lead_id_fkey"
      columns: ["buyer_id","lead_id"]
isOneToOne: false
      referencedRelation: "sales"
      referencedColumns: ["buyer_id","lead_id"]
    },{
      foreignKeyName: "earnings_payout_id_fkey"
      columns: ["payout_id"]
isOneToOne: false
      referencedRelation: "payouts"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "earnings_supplier_id_fkey"
      columns: ["supplier_id"]
isOneToOne: false
      referencedRelation: "suppliers"
      referencedColumns: ["id"]
    }
                  ]
                },"erasures": {
                  Row: {
                    "actor": string | null,"counts": NonNullable<Json>,"erased_at": string,"id": string,"role": string,"value_hash": string
                  }
                  ComputedFields: never
                  Insert: {
                    "actor"?: string | null,"counts": NonNullable<Json>,"erased_at"?: string,"id"?: string,"role"?: string,"value_hash": string
                  }
                  Update: {
                    "actor"?: string | null,"counts"?: NonNullable<Json>,"erased_at"?: string,"id"?: string,"role"?: string,"value_hash"?: string
                  }
                  Relationships: [
                    
                  ]
                },"held_accounts": {
                  Row: {
                    "code": string,"held_at": string,"iban_mask": string,"sealed_iban": string,"supplier_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "code": string,"held_at"?: string,"iban_mask": string,"sealed_iban": string,"supplier_id": string
                  }
                  Update: {
                    "code"?: string,"held_at"?: string,"iban_mask"?: string,"sealed_iban"?: string,"supplier_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "held_accounts_supplier_id_fkey"
      columns: ["supplier_id"]
isOneToOne: false
      referencedRelation: "suppliers"
      referencedColumns: ["id"]
    }
                  ]
                },"import_changes": {
                  Row: {
                    "changed_at": string,"consent": Json | null,"contact": NonNullable<Json>,"import_id": string,"lead": NonNullable<Json>,"lead_id": string,"restore_lead": undefined | null
                  }
                  ComputedFields: "restore_lead"
                  Insert: {
                    "changed_at"?: string,"consent"?: Json | null,"contact": NonNullable<Json>,"import_id": string,"lead": NonNullable<Json>,"lead_id": string
                  }
                  Update: {
                    "changed_at"?: string,"consent"?: Json | null,"contact"?: NonNullable<Json>,"import_id"?: string,"lead"?: NonNullable<Json>,"lead_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "import_changes_import_id_fkey"
      columns: ["import_id"]
isOneToOne: false
      referencedRelation: "imports"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "import_changes_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: false
      referencedRelation: "lead_rows"
      referencedColumns: ["key"]
    },{
      foreignKeyName: "import_changes_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: false
      referencedRelation: "leads"
      referencedColumns: ["id"]
    }
                  ]
                },"import_checked": {
                  Row: {
                    "channel": string | null,"city": string | null,"collected_at": string | null,"company": string | null,"consent_at": string | null,"consent_ip": unknown,"consent_recipients": (string)[] | null,"consent_text_version": string | null,"consent_url": string | null,"duplicate": string | null,"email": string | null,"email_mask": string | null,"first_line": number | null,"first_name": string | null,"has_is_exclusive": boolean,"has_price": boolean,"has_score": boolean,"hidden_fields": (string)[] | null,"id": string,"import_id": string,"is_exclusive": boolean | null,"last_name": string | null,"last_name_mask": string | null,"lead_id": string | null,"line": number,"name_unsplit": boolean,"notes": string | null,"phone": string | null,"phone_mask": string | null,"phone2": string | null,"price_cents": number | null,"problems": string,"reasons": Json | null,"region": string | null,"score": number | null,"sector": string | null,"source": string | null,"summary": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "channel"?: string | null,"city"?: string | null,"collected_at"?: string | null,"company"?: string | null,"consent_at"?: string | null,"consent_ip"?: unknown,"consent_recipients"?: (string)[] | null,"consent_text_version"?: string | null,"consent_url"?: string | null,"duplicate"?: string | null,"email"?: string | null,"email_mask"?: string | null,"first_line"?: number | null,"first_name"?: string | null,"has_is_exclusive": boolean,"has_price": boolean,"has_score": boolean,"hidden_fields"?: (string)[] | null,"id": string,"import_id": string,"is_exclusive"?: boolean | null,"last_name"?: string | null,"last_name_mask"?: string | null,"lead_id"?: string | null,"line": number,"name_unsplit"?: boolean,"notes"?: string | null,"phone"?: string | null,"phone_mask"?: string | null,"phone2"?: string | null,"price_cents"?: number | null,"problems": string,"reasons"?: Json | null,"region"?: string | null,"score"?: number | null,"sector"?: string | null,"source"?: string | null,"summary"?: string | null
                  }
                  Update: {
                    "channel"?: string | null,"city"?: string | null,"collected_at"?: string | null,"company"?: string | null,"consent_at"?: string | null,"consent_ip"?: unknown,"consent_recipients"?: (string)[] | null,"consent_text_version"?: string | null,"consent_url"?: string | null,"duplicate"?: string | null,"email"?: string | null,"email_mask"?: string | null,"first_line"?: number | null,"first_name"?: string | null,"has_is_exclusive"?: boolean,"has_price"?: boolean,"has_score"?: boolean,"hidden_fields"?: (string)[] | null,"id"?: string,"import_id"?: string,"is_exclusive"?: boolean | null,"last_name"?: string | null,"last_name_mask"?: string | null,"lead_id"?: string | null,"line"?: number,"name_unsplit"?: boolean,"notes"?: string | null,"phone"?: string | null,"phone_mask"?: string | null,"phone2"?: string | null,"price_cents"?: number | null,"problems"?: string,"reasons"?: Json | null,"region"?: string | null,"score"?: number | null,"sector"?: string | null,"source"?: string | null,"summary"?: string | null
                  }
                  Relationships: [
                    
                  ]
                },"import_file_rows": {
                  Row: {
                    "channel": string | null,"city": string | null,"collected_at": string | null,"company": string | null,"consent_at": string | null,"consent_ip": string | null,"consent_recipients": string | null,"consent_text_version": string | null,"consent_url": string | null,"defect": string | null,"email": string | null,"first_name": string | null,"full_name": string | null,"import_id": string,"is_exclusive": string | null,"last_name": string | null,"line": number,"notes": string | null,"phone": string | null,"phone2": string | null,"postcode": string | null,"price": string | null,"region": string | null,"score": string | null,"sector": string | null,"source": string | null,"summary": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "channel"?: string | null,"city"?: string | null,"collected_at"?: string | null,"company"?: string | null,"consent_at"?: string | null,"consent_ip"?: string | null,"consent_recipients"?: string | null,"consent_text_version"?: string | null,"consent_url"?: string | null,"defect"?: string | null,"email"?: string | null,"first_name"?: string | null,"full_name"?: string | null,"import_id": string,"is_exclusive"?: string | null,"last_name"?: string | null,"line": number,"notes"?: string | null,"phone"?: string | null,"phone2"?: string | null,"postcode"?: string | null,"price"?: string | null,"region"?: string | null,"score"?: string | null,"sector"?: string | null,"source"?: string | null,"summary"?: string | null
                  }
                  Update: {
                    "channel"?: string | null,"city"?: string | null,"collected_at"?: string | null,"company"?: string | null,"consent_at"?: string | null,"consent_ip"?: string | null,"consent_recipients"?: string | null,"consent_text_version"?: string | null,"consent_url"?: string | null,"defect"?: string | null,"email"?: string | null,"first_name"?: string | null,"full_name"?: string | null,"import_id"?: string,"is_exclusive"?: string | null,"last_name"?: string | null,"line"?: number,"notes"?: string | null,"phone"?: string | null,"phone2"?: string | null,"postcode"?: string | null,"price"?: string | null,"region"?: string | null,"score"?: string | null,"sector"?: string | null,"source"?: string | null,"summary"?: string | null
                  }
                  Relationships: [
                    
                  ]
                },"import_files": {
                  Row: {
                    "attempts": number,"created_at": string,"held_until": string | null,"import_id": string,"is_staged": boolean,"keep_until": string,"mappings": NonNullable<Json>,"path": string,"staged_rows": number,"staged_to": Json | null
                  }
                  ComputedFields: never
                  Insert: {
                    "attempts"?: number,"created_at"?: string,"held_until"?: string | null,"import_id": string,"is_staged"?: boolean,"keep_until"?: string,"mappings"?: NonNullable<Json>,"path": string,"staged_rows"?: number,"staged_to"?: Json | null
                  }
                  Update: {
                    "attempts"?: number,"created_at"?: string,"held_until"?: string | null,"import_id"?: string,"is_staged"?: boolean,"keep_until"?: string,"mappings"?: NonNullable<Json>,"path"?: string,"staged_rows"?: number,"staged_to"?: Json | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "import_files_import_id_fkey"
      columns: ["import_id"]
isOneToOne: true
      referencedRelation: "imports"
      referencedColumns: ["id"]
    }
                  ]
                },"import_form_rows": {
                  Row: {
                    "channel": string | null,"city": string | null,"collected_at": string | null,"company": string | null,"consent_at": string | null,"consent_ip": string | null,"consent_recipients": string | null,"consent_text_version": string | null,"consent_url": string | null,"defect": string | null,"email": string | null,"first_name": string | null,"full_name": string | null,"import_id": string,"is_exclusive": string | null,"last_name": string | null,"line": number,"notes": string | null,"phone": string | null,"phone2": string | null,"postcode": string | null,"price": string | null,"region": string | null,"score": string | null,"sector": string | null,"source": string | null,"summary": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "channel"?: string | null,"city"?: string | null,"collected_at"?: string | null,"company"?: string | null,"consent_at"?: string | null,"consent_ip"?: string | null,"consent_recipients"?: string | null,"consent_text_version"?: string | null,"consent_url"?: string | null,"defect"?: string | null,"email"?: string | null,"first_name"?: string | null,"full_name"?: string | null,"import_id": string,"is_exclusive"?: string | null,"last_name"?: string | null,"line": number,"notes"?: string | null,"phone"?: string | null,"phone2"?: string | null,"postcode"?: string | null,"price"?: string | null,"region"?: string | null,"score"?: string | null,"sector"?: string | null,"source"?: string | null,"summary"?: string | null
                  }
                  Update: {
                    "channel"?: string | null,"city"?: string | null,"collected_at"?: string | null,"company"?: string | null,"consent_at"?: string | null,"consent_ip"?: string | null,"consent_recipients"?: string | null,"consent_text_version"?: string | null,"consent_url"?: string | null,"defect"?: string | null,"email"?: string | null,"first_name"?: string | null,"full_name"?: string | null,"import_id"?: string,"is_exclusive"?: string | null,"last_name"?: string | null,"line"?: number,"notes"?: string | null,"phone"?: string | null,"phone2"?: string | null,"postcode"?: string | null,"price"?: string | null,"region"?: string | null,"score"?: string | null,"sector"?: string | null,"source"?: string | null,"summary"?: string | null
                  }
                  Relationships: [
                    
                  ]
                },"import_held_rows": {
                  Row: {
                    "channel": string | null,"city": string | null,"collected_at": string | null,"company": string | null,"consent_at": string | null,"consent_ip": string | null,"consent_recipients": string | null,"consent_text_version": string | null,"consent_url": string | null,"defect": string | null,"email": string | null,"first_name": string | null,"full_name": string | null,"import_id": string,"is_exclusive": string | null,"last_name": string | null,"line": number,"notes": string | null,"phone": string | null,"phone2": string | null,"postcode": string | null,"price": string | null,"region": string | null,"score": string | null,"sector": string | null,"source": string | null,"summary": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "channel"?: string | null,"city"?: string | null,"collected_at"?: string | null,"company"?: string | null,"consent_at"?: string | null,"consent_ip"?: string | null,"consent_recipients"?: string | null,"consent_text_version"?: string | null,"consent_url"?: string | null,"defect"?: string | null,"email"?: string | null,"first_name"?: string | null,"full_name"?: string | null,"import_id": string,"is_exclusive"?: string | null,"last_name"?: string | null,"line": number,"notes"?: string | null,"phone"?: string | null,"phone2"?: string | null,"postcode"?: string | null,"price"?: string | null,"region"?: string | null,"score"?: string | null,"sector"?: string | null,"source"?: string | null,"summary"?: string | null
                  }
                  Update: {
                    "channel"?: string | null,"city"?: string | null,"collected_at"?: string | null,"company"?: string | null,"consent_at"?: string | null,"consent_ip"?: string | null,"consent_recipients"?: string | null,"consent_text_version"?: string | null,"consent_url"?: string | null,"defect"?: string | null,"email"?: string | null,"first_name"?: string | null,"full_name"?: string | null,"import_id"?: string,"is_exclusive"?: string | null,"last_name"?: string | null,"line"?: number,"notes"?: string | null,"phone"?: string | null,"phone2"?: string | null,"postcode"?: string | null,"price"?: string | null,"region"?: string | null,"score"?: string | null,"sector"?: string | null,"source"?: string | null,"summary"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "import_held_rows_import_id_fkey"
      columns: ["import_id"]
isOneToOne: false
      referencedRelation: "imports"
      referencedColumns: ["id"]
    }
                  ]
                },"import_mappings": {
                  Row: {
                    "field": string,"header": string,"supplier_id": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "field": string,"header": string,"supplier_id": string,"updated_at"?: string
                  }
                  Update: {
                    "field"?: string,"header"?: string,"supplier_id"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "import_mappings_supplier_id_fkey"
      columns: ["supplier_id"]
isOneToOne: false
      referencedRelation: "suppliers"
      referencedColumns: ["id"]
    }
                  ]
                },"import_rejects": {
                  Row: {
                    "code": string,"field": string,"import_id": string,"line": number,"message": string,"problems": NonNullable<Json>
                  }
                  ComputedFields: never
                  Insert: {
                    "code": string,"field": string,"import_id": string,"line": number,"message": string,"problems": NonNullable<Json>
                  }
                  Update: {
                    "code"?: string,"field"?: string,"import_id"?: string,"line"?: number,"message"?: string,"problems"?: NonNullable<Json>
                  }
                  Relationships: [
                    {
      foreignKeyName: "import_rejects_import_id_fkey"
      columns: ["import_id"]
isOneToOne: false
      referencedRelation: "imports"
      referencedColumns: ["id"]
    }
                  ]
                },"import_rows": {
                  Row: {
                    "channel": string | null,"city": string | null,"collected_at": string | null,"company": string | null,"consent_at": string | null,"consent_ip": string | null,"consent_recipients": string | null,"consent_text_version": string | null,"consent_url": string | null,"defect": string | null,"email": string | null,"first_name": string | null,"full_name": string | null,"import_id": string,"is_exclusive": string | null,"last_name": string | null,"line": number,"notes": string | null,"phone": string | null,"phone2": string | null,"postcode": string | null,"price": string | null,"region": string | null,"score": string | null,"sector": string | null,"source": string | null,"summary": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "channel"?: string | null,"city"?: string | null,"collected_at"?: string | null,"company"?: string | null,"consent_at"?: string | null,"consent_ip"?: string | null,"consent_recipients"?: string | null,"consent_text_version"?: string | null,"consent_url"?: string | null,"defect"?: string | null,"email"?: string | null,"first_name"?: string | null,"full_name"?: string | null,"import_id": string,"is_exclusive"?: string | null,"last_name"?: string | null,"line": number,"notes"?: string | null,"phone"?: string | null,"phone2"?: string | null,"postcode"?: string | null,"price"?: string | null,"region"?: string | null,"score"?: string | null,"sector"?: string | null,"source"?: string | null,"summary"?: string | null
                  }
                  Update: {
                    "channel"?: string | null,"city"?: string | null,"collected_at"?: string | null,"company"?: string | null,"consent_at"?: string | null,"consent_ip"?: string | null,"consent_recipients"?: string | null,"consent_text_version"?: string | null,"consent_url"?: string | null,"defect"?: string | null,"email"?: string | null,"first_name"?: string | null,"full_name"?: string | null,"import_id"?: string,"is_exclusive"?: string | null,"last_name"?: string | null,"line"?: number,"notes"?: string | null,"phone"?: string | null,"phone2"?: string | null,"postcode"?: string | null,"price"?: string | null,"region"?: string | null,"score"?: string | null,"sector"?: string | null,"source"?: string | null,"summary"?: string | null
                  }
                  Relationships: [
                    
                  ]
                },"imports": {
                  Row: {
                    "created_at": string,"duplicates": number,"duplicates_in_file": number | null,"duplicates_of_supplier": number | null,"duplicates_on_platform": number | null,"duplicates_sold": number | null,"failure": string | null,"file_name": string,"handed_over_at": string | null,"id": string,"inserted": number | null,"invalid": number,"on_duplicate": string,"processing_time": string | null,"qualification_status": string,"reading": NonNullable<Json>,"reference": string,"sha256": string | null,"source": string | null,"status": string,"supplier_id": string,"total": number,"undone_at": string | null,"updated": number | null,"updated_at": string,"upload_date": string,"valid": number,"came_in_at": string | null
                  }
                  ComputedFields: "came_in_at"
                  Insert: {
                    "created_at"?: string,"duplicates"?: number,"duplicates_in_file"?: number | null,"duplicates_of_supplier"?: number | null,"duplicates_on_platform"?: number | null,"duplicates_sold"?: number | null,"failure"?: string | null,"file_name": string,"handed_over_at"?: string | null,"id"?: string,"inserted"?: number | null,"invalid"?: number,"on_duplicate"?: string,"processing_time"?: string | null,"qualification_status"?: string,"reading"?: NonNullable<Json>,"reference"?: string,"sha256"?: string | null,"source"?: string | null,"status"?: string,"supplier_id": string,"total"?: number,"undone_at"?: string | null,"updated"?: number | null,"updated_at"?: string,"upload_date"?: string,"valid"?: number
                  }
                  Update: {
                    "created_at"?: string,"duplicates"?: number,"duplicates_in_file"?: number | null,"duplicates_of_supplier"?: number | null,"duplicates_on_platform"?: number | null,"duplicates_sold"?: number | null,"failure"?: string | null,"file_name"?: string,"handed_over_at"?: string | null,"id"?: string,"inserted"?: number | null,"invalid"?: number,"on_duplicate"?: string,"processing_time"?: string | null,"qualification_status"?: string,"reading"?: NonNullable<Json>,"reference"?: string,"sha256"?: string | null,"source"?: string | null,"status"?: string,"supplier_id"?: string,"total"?: number,"undone_at"?: string | null,"updated"?: number | null,"updated_at"?: string,"upload_date"?: string,"valid"?: number
                  }
                  Relationships: [
                    {
      foreignKeyName: "imports_supplier_id_fkey"
      columns: ["supplier_id"]
isOneToOne: false
      referencedRelation: "suppliers"
      referencedColumns: ["id"]
    }
                  ]
                },"invoices": {
                  Row: {
                    "buyer": NonNullable<Json>,"buyer_id": string,"corrects": string | null,"created_at": string,"description": string,"gross_cents": number,"id": string,"issued_on": string,"mentions": (string)[],"net_cents": number,"number": string,"order_id": string,"payment_method": string | null,"position": number,"refund_id": string | null,"seller": NonNullable<Json>,"series": string,"system": string,"vat_cents": number,"vat_percent": number,"year": number
                  }
                  ComputedFields: never
                  Insert: {
                    "buyer": NonNullable<Json>,"buyer_id": string,"corrects"?: string | null,"created_at"?: string,"description": string,"gross_cents": number,"id"?: string,"issued_on": string,"mentions": (string)[],"net_cents": number,"number"?: never,"order_id": string,"payment_method"?: string | null,"position": number,"refund_id"?: string | null,"seller": NonNullable<Json>,"series": string,"system"?: never,"vat_cents": number,"vat_percent": number,"year": number
                  }
                  Update: {
                    "buyer"?: NonNullable<Json>,"buyer_id"?: string,"corrects"?: string | null,"created_at"?: string,"description"?: string,"gross_cents"?: number,"id"?: string,"issued_on"?: string,"mentions"?: (string)[],"net_cents"?: number,"number"?: never,"order_id"?: string,"payment_method"?: string | null,"position"?: number,"refund_id"?: string | null,"seller"?: NonNullable<Json>,"series"?: string,"system"?: never,"vat_cents"?: number,"vat_percent"?: number,"year"?: number
                  }
                  Relationships: [
                    {
      foreignKeyName: "invoices_corrects_fkey"
      columns: ["corrects"]
isOneToOne: false
      referencedRelation: "invoices"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "invoices_corrects_fkey"
      columns: ["corrects"]
isOneToOne: false
      referencedRelation: "shown_invoices"
      referencedColumns: ["key"]
    },{
      foreignKeyName: "invoices_order_id_fkey"
      columns: ["order_id"]
isOneToOne: false
      referencedRelation: "pack_orders"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "invoices_order_id_fkey"
      columns: ["order_id"]
isOneToOne: false
      referencedRelation: "shown_orders"
      referencedColumns: ["key"]
    },{
      foreignKeyName: "invoices_refund_id_fkey"
      columns: ["refund_id"]
isOneToOne: false
      referencedRelation: "refunds"
      referencedColumns: ["id"]
    }
                  ]
                },"lead_consents": {
                  Row: {
                    "created_at": string,"given_at": string,"ip": unknown,"lead_id": string,"recipients": (string)[],"supplier_id": string,"text_version": string,"url": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"given_at": string,"ip"?: unknown,"lead_id": string,"recipients": (string)[],"supplier_id": string,"text_version": string,"url": string
                  }
                  Update: {
                    "created_at"?: string,"given_at"?: string,"ip"?: unknown,"lead_id"?: string,"recipients"?: (string)[],"supplier_id"?: string,"text_version"?: string,"url"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "lead_consents_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: true
      referencedRelation: "lead_rows"
      referencedColumns: ["key"]
    },{
      foreignKeyName: "lead_consents_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: true
      referencedRelation: "leads"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "lead_consents_supplier_id_fkey"
      columns: ["supplier_id"]
isOneToOne: false
      referencedRelation: "suppliers"
      referencedColumns: ["id"]
    }
                  ]
                },"lead_contacts": {
                  Row: {
                    "email": string | null,"hidden_text": string | null,"last_name": string,"lead_id": string,"name_unsplit": boolean,"notes": string | null,"phone": string | null,"phone2": string | null,"search_text": string,"supplier_id": string,"numbers_of": (string)[] | null,"phones_of": (string)[] | null
                  }
                  ComputedFields: "numbers_of" | "phones_of"
                  Insert: {
                    "email"?: string | null,"hidden_text"?: string | null,"last_name": string,"lead_id": string,"name_unsplit"?: boolean,"notes"?: string | null,"phone"?: string | null,"phone2"?: string | null,"search_text"?: never,"supplier_id": string
                  }
                  Update: {
                    "email"?: string | null,"hidden_text"?: string | null,"last_name"?: string,"lead_id"?: string,"name_unsplit"?: boolean,"notes"?: string | null,"phone"?: string | null,"phone2"?: string | null,"search_text"?: never,"supplier_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "lead_contacts_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: true
      referencedRelation: "lead_rows"
      referencedColumns: ["key"]
    },{
      foreignKeyName: "lead_contacts_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: true
      referencedRelation: "leads"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "lead_contacts_supplier_id_fkey"
      columns: ["supplier_id"]
isOneToOne: false
      referencedRelation: "suppliers"
      referencedColumns: ["id"]
    }
                  ]
                },"leads": {
                  Row: {
                    "agent_id": string | null,"call_basis": string,"callback_at": string | null,"channel": string | null,"city": string | null,"collected_at": string | null,"company": string | null,"created_at": string,"email_mask": string | null,"erased_at": string | null,"first_name": string,"has_audio_recording": boolean,"has_consent": boolean,"hidden_fields": (string)[] | null,"id": string,"import_id": string | null,"is_exclusive": boolean,"last_name_mask": string,"on_sale": boolean,"phone_mask": string | null,"price_cents": number,"qualification_status": string,"qualified_at": string | null,"reference": string,"region": string,"requeued_at": string | null,"reserved_until": string | null,"sales_count": number,"score": number,"search_text": string,"sector": string,"sold_at": string | null,"source": string | null,"status": string,"summary": string | null,"supplier_id": string,"updated_at": string,"withdrawn_at": string | null,"exported_lead": Json | null,"hidden_text": string | null,"is_begun": boolean | null,"is_sold": boolean | null,"price_of": Database["leads"]['CompositeTypes']["lead_price"] | null,"recordings_of": string | null,"refuse_if_bought": undefined | null,"refuse_sale": undefined | null,"refuse_unless_free": undefined | null,"tell_supplier": undefined | null,"title_of": string | null
                  }
                  ComputedFields: "exported_lead" | "hidden_text" | "is_begun" | "is_sold" | "price_of" | "recordings_of" | "refuse_if_bought" | "refuse_sale" | "refuse_unless_free" | "tell_supplier" | "title_of"
                  Insert: {
                    "agent_id"?: string | null,"call_basis"?: never,"callback_at"?: string | null,"channel"?: string | null,"city"?: string | null,"collected_at"?: string | null,"company"?: string | null,"created_at"?: string,"email_mask"?: string | null,"erased_at"?: string | null,"first_name": string,"has_audio_recording"?: boolean,"has_consent"?: boolean,"hidden_fields"?: (string)[] | null,"id"?: string,"import_id"?: string | null,"is_exclusive"?: boolean,"last_name_mask": string,"on_sale"?: never,"phone_mask"?: string | null,"price_cents"?: number,"qualification_status"?: string,"qualified_at"?: string | null,"reference": string,"region": string,"requeued_at"?: string | null,"reserved_until"?: string | null,"sales_count"?: number,"score"?: number,"search_text"?: never,"sector": string,"sold_at"?: string | null,"source"?: string | null,"status"?: string,"summary"?: string | null,"supplier_id": string,"updated_at"?: string,"withdrawn_at"?: string | null
                  }
                  Update: {
                    "agent_id"?: string | null,"call_basis"?: never,"callback_at"?: string | null,"channel"?: string | null,"city"?: string | null,"collected_at"?: string | null,"company"?: string | null,"created_at"?: string,"email_mask"?: string | null,"erased_at"?: string | null,"first_name"?: string,"has_audio_recording"?: boolean,"has_consent"?: boolean,"hidden_fields"?: (string)[] | null,"id"?: string,"import_id"?: string | null,"is_exclusive"?: boolean,"last_name_mask"?: string,"on_sale"?: never,"phone_mask"?: string | null,"price_cents"?: number,"qualification_status"?: string,"qualified_at"?: string | null,"reference"?: string,"region"?: string,"requeued_at"?: string | null,"reserved_until"?: string | null,"sales_count"?: number,"score"?: number,"search_text"?: never,"sector"?: string,"sold_at"?: string | null,"source"?: string | null,"status"?: string,"summary"?: string | null,"supplier_id"?: string,"updated_at"?: string,"withdrawn_at"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "leads_import_id_fkey"
      columns: ["import_id"]
isOneToOne: false
      referencedRelation: "imports"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "leads_region_fkey"
      columns: ["region"]
isOneToOne: false
      referencedRelation: "regions"
      referencedColumns: ["name"]
    },{
      foreignKeyName: "leads_sector_fkey"
      columns: ["sector"]
isOneToOne: false
      referencedRelation: "sectors"
      referencedColumns: ["name"]
    },{
      foreignKeyName: "leads_supplier_id_fkey"
      columns: ["supplier_id"]
isOneToOne: false
      referencedRelation: "suppliers"
      referencedColumns: ["id"]
    }
                  ]
                },"oppositions": {
                  Row: {
                    "created_at": string,"kind": string,"reason": string,"value_hash": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"kind": string,"reason": string,"value_hash": string
                  }
                  Update: {
                    "created_at"?: string,"kind"?: string,"reason"?: string,"value_hash"?: string
                  }
                  Relationships: [
                    
                  ]
                },"outcomes": {
                  Row: {
                    "buyer_id": string,"created_at": string,"lead_id": string,"outcome": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "buyer_id": string,"created_at"?: string,"lead_id": string,"outcome": string,"updated_at"?: string
                  }
                  Update: {
                    "buyer_id"?: string,"created_at"?: string,"lead_id"?: string,"outcome"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "outcomes_buyer_id_lead_id_fkey"
      columns: ["buyer_id","lead_id"]
isOneToOne: true
      referencedRelation: "kept_sales"
      referencedColumns: ["buyer_id","lead_id"]
    },{
      foreignKeyName: "outcomes_buyer_id_lead_id_fkey"
      columns: ["buyer_id","lead_id"]
isOneToOne: true
      referencedRelation: "sales"
      referencedColumns: ["buyer_id","lead_id"]
    }
                  ]
                },"pack_orders": {
                  Row: {
                    "answer": Json | null,"bonus": number,"buyer_id": string,"checkout_url": string | null,"created_at": string,"credits": number,"credits_lost": number,"id": string,"pack_id": string,"pack_name": string,"pack_reference": string,"pack_version": number,"payment_id": string | null,"payment_reference": string | null,"price_cents": number,"provider": string | null,"provider_reference": string | null,"reference": string,"refund_reference": string | null,"settled_at": string | null,"status": string,"transaction_id": string | null,"updated_at": string,"apply_early_events": undefined | null,"issue_invoice": string | null,"list_order": {
              "answer": Json | null,
"bonus": number,
"buyer_id": string,
"checkout_url": string | null,
"created_at": string,
"credits": number,
"credits_lost": number,
"id": string,
"pack_id": string,
"pack_name": string,
"pack_reference": string,
"pack_version": number,
"payment_id": string | null,
"payment_reference": string | null,
"price_cents": number,
"provider": string | null,
"provider_reference": string | null,
"reference": string,
"refund_reference": string | null,
"settled_at": string | null,
"status": string,
"transaction_id": string | null,
"updated_at": string
            } | null,"order_title": string | null,"refundable_cents": number | null
                  }
                  ComputedFields: "apply_early_events" | "issue_invoice" | "list_order" | "order_title" | "refundable_cents"
                  Insert: {
                    "answer"?: Json | null,"bonus": number,"buyer_id": string,"checkout_url"?: string | null,"created_at"?: string,"credits": number,"credits_lost"?: number,"id"?: string,"pack_id": string,"pack_name": string,"pack_reference": string,"pack_version": number,"payment_id"?: string | null,"payment_reference"?: string | null,"price_cents": number,"provider"?: string | null,"provider_reference"?: string | null,"reference"?: string,"refund_reference"?: string | null,"settled_at"?: string | null,"status"?: string,"transaction_id"?: string | null,"updated_at"?: string
                  }
                  Update: {
                    "answer"?: Json | null,"bonus"?: number,"buyer_id"?: string,"checkout_url"?: string | null,"created_at"?: string,"credits"?: number,"credits_lost"?: number,"id"?: string,"pack_id"?: string,"pack_name"?: string,"pack_reference"?: string,"pack_version"?: number,"payment_id"?: string | null,"payment_reference"?: string | null,"price_cents"?: number,"provider"?: string | null,"provider_reference"?: string | null,"reference"?: string,"refund_reference"?: string | null,"settled_at"?: string | null,"status"?: string,"transaction_id"?: string | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "pack_orders_pack_id_fkey"
      columns: ["pack_id"]
isOneToOne: false
      referencedRelation: "credit_packs"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "pack_orders_payment_id_fkey"
      columns: ["payment_id"]
isOneToOne: true
      referencedRelation: "payments"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "pack_orders_transaction_id_fkey"
      columns: ["transaction_id"]
isOneToOne: true
      referencedRelation: "transactions"
      referencedColumns: ["id"]
    }
                  ]
                },"party_signs": {
                  Row: {
                    "kind": string,"person": string,"seen_at": string,"value": string
                  }
                  ComputedFields: never
                  Insert: {
                    "kind": string,"person": string,"seen_at"?: string,"value": string
                  }
                  Update: {
                    "kind"?: string,"person"?: string,"seen_at"?: string,"value"?: string
                  }
                  Relationships: [
                    
                  ]
                },"payment_events": {
                  Row: {
                    "amount_cents": number | null,"cause": string | null,"currency": string | null,"id": string,"meaning": string,"occurred_at": string,"order_id": string | null,"outcome": string,"payment_reference": string | null,"provider": string,"received_at": string,"reference": string | null,"report_payment": undefined | null
                  }
                  ComputedFields: "report_payment"
                  Insert: {
                    "amount_cents"?: number | null,"cause"?: string | null,"currency"?: string | null,"id": string,"meaning": string,"occurred_at": string,"order_id"?: string | null,"outcome": string,"payment_reference"?: string | null,"provider": string,"received_at"?: string,"reference"?: string | null
                  }
                  Update: {
                    "amount_cents"?: number | null,"cause"?: string | null,"currency"?: string | null,"id"?: string,"meaning"?: string,"occurred_at"?: string,"order_id"?: string | null,"outcome"?: string,"payment_reference"?: string | null,"provider"?: string,"received_at"?: string,"reference"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "payment_events_order_id_fkey"
      columns: ["order_id"]
isOneToOne: false
      referencedRelation: "pack_orders"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "payment_events_order_id_fkey"
      columns: ["order_id"]
isOneToOne: false
      referencedRelation: "shown_orders"
      referencedColumns: ["key"]
    }
                  ]
                },"payments": {
                  Row: {
                    "amount_cents": number,"buyer_id": string,"created_at": string,"date": string,"description": string,"id": string,"lead_id": string | null,"reference": string,"status": string,"type": string
                  }
                  ComputedFields: never
                  Insert: {
                    "amount_cents": number,"buyer_id": string,"created_at"?: string,"date"?: string,"description": string,"id"?: string,"lead_id"?: string | null,"reference"?: string,"status": string,"type": string
                  }
                  Update: {
                    "amount_cents"?: number,"buyer_id"?: string,"created_at"?: string,"date"?: string,"description"?: string,"id"?: string,"lead_id"?: string | null,"reference"?: string,"status"?: string,"type"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "payments_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: false
      referencedRelation: "lead_rows"
      referencedColumns: ["key"]
    },{
      foreignKeyName: "payments_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: false
      referencedRelation: "leads"
      referencedColumns: ["id"]
    }
                  ]
                },"payout_accounts": {
                  Row: {
                    "bic": string | null,"holder": string,"payout_id": string,"sealed_iban": string
                  }
                  ComputedFields: never
                  Insert: {
                    "bic"?: string | null,"holder": string,"payout_id": string,"sealed_iban": string
                  }
                  Update: {
                    "bic"?: string | null,"holder"?: string,"payout_id"?: string,"sealed_iban"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "payout_accounts_payout_id_fkey"
      columns: ["payout_id"]
isOneToOne: true
      referencedRelation: "payouts"
      referencedColumns: ["id"]
    }
                  ]
                },"payout_exports": {
                  Row: {
                    "created_at": string,"debtor": NonNullable<Json>,"execution_date": string,"id": string,"message_id": string,"payouts": number,"total_cents": number
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at": string,"debtor": NonNullable<Json>,"execution_date": string,"id"?: string,"message_id": string,"payouts": number,"total_cents": number
                  }
                  Update: {
                    "created_at"?: string,"debtor"?: NonNullable<Json>,"execution_date"?: string,"id"?: string,"message_id"?: string,"payouts"?: number,"total_cents"?: number
                  }
                  Relationships: [
                    
                  ]
                },"payout_lines": {
                  Row: {
                    "earning_id": string,"payout_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "earning_id": string,"payout_id": string
                  }
                  Update: {
                    "earning_id"?: string,"payout_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "payout_lines_earning_id_fkey"
      columns: ["earning_id"]
isOneToOne: false
      referencedRelation: "earnings"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "payout_lines_payout_id_fkey"
      columns: ["payout_id"]
isOneToOne: false
      referencedRelation: "payouts"
      referencedColumns: ["id"]
    }
                  ]
                },"payouts": {
                  Row: {
                    "amount_cents": number,"created_at": string,"date": string,"export_id": string | null,"failure_reason": string | null,"iban_mask": string,"id": string,"leads_count": number,"period": string,"reference": string,"settled_at": string | null,"status": string,"supplier_id": string,"transaction_id": string | null,"transfer_id": string | null,"transfer_reference": string,"complete_payout": undefined | null,"free_earnings": undefined | null,"hold_of": string | null,"virement": Json | null
                  }
                  ComputedFields: "complete_payout" | "free_earnings" | "hold_of" | "virement"
                  Insert: {
                    "amount_cents": number,"created_at"?: string,"date"?: string,"export_id"?: string | null,"failure_reason"?: string | null,"iban_mask": string,"id"?: string,"leads_count": number,"period": string,"reference"?: string,"settled_at"?: string | null,"status": string,"supplier_id": string,"transaction_id"?: string | null,"transfer_id"?: string | null,"transfer_reference": string
                  }
                  Update: {
                    "amount_cents"?: number,"created_at"?: string,"date"?: string,"export_id"?: string | null,"failure_reason"?: string | null,"iban_mask"?: string,"id"?: string,"leads_count"?: number,"period"?: string,"reference"?: string,"settled_at"?: string | null,"status"?: string,"supplier_id"?: string,"transaction_id"?: string | null,"transfer_id"?: string | null,"transfer_reference"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "payouts_export_id_fkey"
      columns: ["export_id"]
isOneToOne: false
      referencedRelation: "payout_exports"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "payouts_supplier_id_fkey"
      columns: ["supplier_id"]
isOneToOne: false
      referencedRelation: "suppliers"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "payouts_transaction_id_fkey"
      columns: ["transaction_id"]
isOneToOne: true
      referencedRelation: "transactions"
      referencedColumns: ["id"]
    }
                  ]
                },"people_at_agents": {
                  Row: {
                    "lead_id": string,"person_hash": string,"until": string
                  }
                  ComputedFields: never
                  Insert: {
                    "lead_id": string,"person_hash": string,"until": string
                  }
                  Update: {
                    "lead_id"?: string,"person_hash"?: string,"until"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "people_at_agents_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: false
      referencedRelation: "lead_rows"
      referencedColumns: ["key"]
    },{
      foreignKeyName: "people_at_agents_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: false
      referencedRelation: "leads"
      referencedColumns: ["id"]
    }
                  ]
                },"person_pepper": {
                  Row: {
                    "pepper": string,"singleton": boolean
                  }
                  ComputedFields: never
                  Insert: {
                    "pepper": string,"singleton"?: boolean
                  }
                  Update: {
                    "pepper"?: string,"singleton"?: boolean
                  }
                  Relationships: [
                    
                  ]
                },"qualifications": {
                  Row: {
                    "agent_id": string | null,"call_id": string,"callback_at": string | null,"created_at": string,"lead_id": string,"recording_consent": boolean,"repeatable_until": string,"request_hash": string,"request_key": string | null,"score_explanations": NonNullable<Json>
                  }
                  ComputedFields: never
                  Insert: {
                    "agent_id"?: string | null,"call_id": string,"callback_at"?: string | null,"created_at"?: string,"lead_id": string,"recording_consent": boolean,"repeatable_until": string,"request_hash": string,"request_key"?: string | null,"score_explanations": NonNullable<Json>
                  }
                  Update: {
                    "agent_id"?: string | null,"call_id"?: string,"callback_at"?: string | null,"created_at"?: string,"lead_id"?: string,"recording_consent"?: boolean,"repeatable_until"?: string,"request_hash"?: string,"request_key"?: string | null,"score_explanations"?: NonNullable<Json>
                  }
                  Relationships: [
                    {
      foreignKeyName: "qualifications_call_id_fkey"
      columns: ["call_id"]
isOneToOne: true
      referencedRelation: "calls"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "qualifications_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: false
      referencedRelation: "lead_rows"
      referencedColumns: ["key"]
    },{
      foreignKeyName: "qualifications_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: false
      referencedRelation: "leads"
      referencedColumns: ["id"]
    }
                  ]
                },"refunds": {
                  Row: {
                    "amount_cents": number,"bonus": number,"bonus_lost": number,"cause": string | null,"created_at": string,"credits": number,"credits_lost": number,"failed_at": string | null,"id": string,"kind": string,"loss_undone": number,"order_id": string,"provider_reference": string | null,"reference": string,"status": string,"transaction_id": string | null,"updated_at": string,"issue_again": string | null,"issue_credit_note": string | null
                  }
                  ComputedFields: "issue_again" | "issue_credit_note"
                  Insert: {
                    "amount_cents": number,"bonus"?: number,"bonus_lost"?: number,"cause"?: string | null,"created_at"?: string,"credits"?: number,"credits_lost"?: number,"failed_at"?: string | null,"id"?: string,"kind": string,"loss_undone"?: number,"order_id": string,"provider_reference"?: string | null,"reference"?: string,"status"?: string,"transaction_id"?: string | null,"updated_at"?: string
                  }
                  Update: {
                    "amount_cents"?: number,"bonus"?: number,"bonus_lost"?: number,"cause"?: string | null,"created_at"?: string,"credits"?: number,"credits_lost"?: number,"failed_at"?: string | null,"id"?: string,"kind"?: string,"loss_undone"?: number,"order_id"?: string,"provider_reference"?: string | null,"reference"?: string,"status"?: string,"transaction_id"?: string | null,"updated_at"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "refunds_order_id_fkey"
      columns: ["order_id"]
isOneToOne: false
      referencedRelation: "pack_orders"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "refunds_order_id_fkey"
      columns: ["order_id"]
isOneToOne: false
      referencedRelation: "shown_orders"
      referencedColumns: ["key"]
    },{
      foreignKeyName: "refunds_transaction_id_fkey"
      columns: ["transaction_id"]
isOneToOne: true
      referencedRelation: "transactions"
      referencedColumns: ["id"]
    }
                  ]
                },"regions": {
                  Row: {
                    "folded": string,"key": string,"name": string,"own_holidays": (string)[],"position": number | null,"time_zone": string
                  }
                  ComputedFields: never
                  Insert: {
                    "folded"?: never,"key"?: never,"name": string,"own_holidays": (string)[],"position"?: number | null,"time_zone": string
                  }
                  Update: {
                    "folded"?: never,"key"?: never,"name"?: string,"own_holidays"?: (string)[],"position"?: number | null,"time_zone"?: string
                  }
                  Relationships: [
                    
                  ]
                },"returns": {
                  Row: {
                    "buyer_id": string,"comment": string | null,"credits_recovered": number,"decided_at": string | null,"decided_by": string | null,"decision_note": string | null,"id": string,"lead_id": string,"lead_name": string,"lead_reference": string,"reason": string,"reference": string,"requested_at": string,"status": string,"transfer_id": string | null,"take_lead_back": undefined | null
                  }
                  ComputedFields: "take_lead_back"
                  Insert: {
                    "buyer_id": string,"comment"?: string | null,"credits_recovered"?: number,"decided_at"?: string | null,"decided_by"?: string | null,"decision_note"?: string | null,"id"?: string,"lead_id": string,"lead_name": string,"lead_reference": string,"reason": string,"reference"?: string,"requested_at"?: string,"status"?: string,"transfer_id"?: string | null
                  }
                  Update: {
                    "buyer_id"?: string,"comment"?: string | null,"credits_recovered"?: number,"decided_at"?: string | null,"decided_by"?: string | null,"decision_note"?: string | null,"id"?: string,"lead_id"?: string,"lead_name"?: string,"lead_reference"?: string,"reason"?: string,"reference"?: string,"requested_at"?: string,"status"?: string,"transfer_id"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "returns_buyer_id_lead_id_fkey"
      columns: ["buyer_id","lead_id"]
isOneToOne: true
      referencedRelation: "kept_sales"
      referencedColumns: ["buyer_id","lead_id"]
    },{
      foreignKeyName: "returns_buyer_id_lead_id_fkey"
      columns: ["buyer_id","lead_id"]
isOneToOne: true
      referencedRelation: "sales"
      referencedColumns: ["buyer_id","lead_id"]
    }
                  ]
                },"rule_kinds": {
                  Row: {
                    "default_value": number,"description": string,"kind": string,"maximum": number,"minimum": number,"name": string,"unit": string,"when_inactive": number
                  }
                  ComputedFields: never
                  Insert: {
                    "default_value": number,"description": string,"kind": string,"maximum": number,"minimum": number,"name": string,"unit": string,"when_inactive": number
                  }
                  Update: {
                    "default_value"?: number,"description"?: string,"kind"?: string,"maximum"?: number,"minimum"?: number,"name"?: string,"unit"?: string,"when_inactive"?: number
                  }
                  Relationships: [
                    
                  ]
                },"sales": {
                  Row: {
                    "budget_cents": number,"buyer_id": string,"credits": number,"given_credits": number,"given_share_cents": number,"lead_id": string,"place": number,"places": number,"price_cents": number,"return_until": string,"rules": NonNullable<Json>,"sold_at": string,"supplier_id": string,"supplier_share_cents": number,"transfer_id": string | null,"give_budget_back": undefined | null,"tell_of_pair": undefined | null
                  }
                  ComputedFields: "give_budget_back" | "tell_of_pair"
                  Insert: {
                    "budget_cents"?: number,"buyer_id": string,"credits"?: number,"given_credits"?: number,"given_share_cents"?: number,"lead_id": string,"place"?: number,"places"?: number,"price_cents": number,"return_until"?: string,"rules"?: NonNullable<Json>,"sold_at"?: string,"supplier_id": string,"supplier_share_cents"?: number,"transfer_id"?: string | null
                  }
                  Update: {
                    "budget_cents"?: number,"buyer_id"?: string,"credits"?: number,"given_credits"?: number,"given_share_cents"?: number,"lead_id"?: string,"place"?: number,"places"?: number,"price_cents"?: number,"return_until"?: string,"rules"?: NonNullable<Json>,"sold_at"?: string,"supplier_id"?: string,"supplier_share_cents"?: number,"transfer_id"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "sales_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: false
      referencedRelation: "lead_rows"
      referencedColumns: ["key"]
    },{
      foreignKeyName: "sales_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: false
      referencedRelation: "leads"
      referencedColumns: ["id"]
    },{
      foreignKeyName: "sales_supplier_id_fkey"
      columns: ["supplier_id"]
isOneToOne: false
      referencedRelation: "suppliers"
      referencedColumns: ["id"]
    }
                  ]
                },"score_features": {
                  Row: {
                    "contribution": number,"description": string,"feature": string,"id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "contribution": number,"description": string,"feature": string,"id"?: string
                  }
                  Update: {
                    "contribution"?: number,"description"?: string,"feature"?: string,"id"?: string
                  }
                  Relationships: [
                    
                  ]
                },"sectors": {
                  Row: {
                    "color": string,"folded": string,"key": string,"name": string,"position": number | null
                  }
                  ComputedFields: never
                  Insert: {
                    "color"?: string,"folded"?: never,"key"?: never,"name": string,"position"?: number | null
                  }
                  Update: {
                    "color"?: string,"folded"?: never,"key"?: never,"name"?: string,"position"?: number | null
                  }
                  Relationships: [
                    
                  ]
                },"seeded_rows": {
                  Row: {
                    "relation": string,"row_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "relation": string,"row_id": string
                  }
                  Update: {
                    "relation"?: string,"row_id"?: string
                  }
                  Relationships: [
                    
                  ]
                },"seeds": {
                  Row: {
                    "created_at": string,"fingerprint": string,"id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"fingerprint": string,"id"?: string
                  }
                  Update: {
                    "created_at"?: string,"fingerprint"?: string,"id"?: string
                  }
                  Relationships: [
                    
                  ]
                },"self_dealing": {
                  Row: {
                    "buyer_id": string,"created_at": string,"decided_at": string | null,"decided_by": string | null,"note": string | null,"reference": string,"signs": (string)[],"status": string,"supplier_id": string,"told_at": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "buyer_id": string,"created_at"?: string,"decided_at"?: string | null,"decided_by"?: string | null,"note"?: string | null,"reference"?: string,"signs": (string)[],"status"?: string,"supplier_id": string,"told_at"?: string | null
                  }
                  Update: {
                    "buyer_id"?: string,"created_at"?: string,"decided_at"?: string | null,"decided_by"?: string | null,"note"?: string | null,"reference"?: string,"signs"?: (string)[],"status"?: string,"supplier_id"?: string,"told_at"?: string | null
                  }
                  Relationships: [
                    {
      foreignKeyName: "self_dealing_supplier_id_fkey"
      columns: ["supplier_id"]
isOneToOne: false
      referencedRelation: "suppliers"
      referencedColumns: ["id"]
    }
                  ]
                },"spellings": {
                  Row: {
                    "folded": string,"key": string,"kind": string,"name": string
                  }
                  ComputedFields: never
                  Insert: {
                    "folded": string,"key"?: never,"kind": string,"name": string
                  }
                  Update: {
                    "folded"?: string,"key"?: never,"kind"?: string,"name"?: string
                  }
                  Relationships: [
                    
                  ]
                },"supplier_accounts": {
                  Row: {
                    "bic": string | null,"changed_at": string,"changed_by": string | null,"fingerprint": string | null,"sealed_iban": string,"supplier_id": string,"validated": boolean
                  }
                  ComputedFields: never
                  Insert: {
                    "bic"?: string | null,"changed_at"?: string,"changed_by"?: string | null,"fingerprint"?: string | null,"sealed_iban": string,"supplier_id": string,"validated": boolean
                  }
                  Update: {
                    "bic"?: string | null,"changed_at"?: string,"changed_by"?: string | null,"fingerprint"?: string | null,"sealed_iban"?: string,"supplier_id"?: string,"validated"?: boolean
                  }
                  Relationships: [
                    {
      foreignKeyName: "supplier_accounts_supplier_id_fkey"
      columns: ["supplier_id"]
isOneToOne: true
      referencedRelation: "suppliers"
      referencedColumns: ["id"]
    }
                  ]
                },"suppliers": {
                  Row: {
                    "company": string,"contact_name": string,"created_at": string,"email": string,"iban_mask": string | null,"id": string,"last_payment_date": string | null,"reference": string,"status": string,"updated_at": string,"user_id": string | null
                  }
                  ComputedFields: never
                  Insert: {
                    "company": string,"contact_name": string,"created_at"?: string,"email": string,"iban_mask"?: string | null,"id"?: string,"last_payment_date"?: string | null,"reference"?: string,"status"?: string,"updated_at"?: string,"user_id"?: string | null
                  }
                  Update: {
                    "company"?: string,"contact_name"?: string,"created_at"?: string,"email"?: string,"iban_mask"?: string | null,"id"?: string,"last_payment_date"?: string | null,"reference"?: string,"status"?: string,"updated_at"?: string,"user_id"?: string | null
                  }
                  Relationships: [
                    
                  ]
                },"transactions": {
                  Row: {
                    "amount_cents": number,"company": string | null,"created_at": string,"credits": number | null,"date": string,"description": string,"id": string,"payment_method": string | null,"reference": string,"status": string,"type": string,"user_id": string | null,"user_name": string,"user_role": string
                  }
                  ComputedFields: never
                  Insert: {
                    "amount_cents": number,"company"?: string | null,"created_at"?: string,"credits"?: number | null,"date"?: string,"description": string,"id"?: string,"payment_method"?: string | null,"reference"?: string,"status": string,"type": string,"user_id"?: string | null,"user_name": string,"user_role": string
                  }
                  Update: {
                    "amount_cents"?: number,"company"?: string | null,"created_at"?: string,"credits"?: number | null,"date"?: string,"description"?: string,"id"?: string,"payment_method"?: string | null,"reference"?: string,"status"?: string,"type"?: string,"user_id"?: string | null,"user_name"?: string,"user_role"?: string
                  }
                  Relationships: [
                    
                  ]
                }
          }
          Views: {
            "counted_figures": {
                  Row: {
                    "metric": string | null,"month": string | null,"subject": string | null,"value": number | null
                  }
                  ComputedFields: never
                  Relationships: [
                    
                  ]
                },"kept_sales": {
                  Row: {
                    "buyer_id": string,"lead_id": string
                  }
                  ComputedFields: never
                  Insert: {
                           "buyer_id"?: string | null,"lead_id"?: string | null
                         }
                        Update: {
                           "buyer_id"?: string | null,"lead_id"?: string | null
                         }
                        Relationships: [
                    {
      foreignKeyName: "sales_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: false
      referencedRelation: "lead_rows"
      referencedColumns: ["key"]
    },{
      foreignKeyName: "sales_lead_id_fkey"
      columns: ["lead_id"]
isOneToOne: false
      referencedRelation: "leads"
      referencedColumns: ["id"]
    }
                  ]
                },"known_names": {
                  Row: {
                    "key": string | null,"kind": string | null,"name": string | null,"rank": number | null
                  }
                  ComputedFields: never
                  Relationships: [
                    
                  ]
                },"lead_rows": {
                  Row: {
                    "channel": string | null,"city": string | null,"collectedAt": string | null,"company": string | null,"createdAt": string | null,"email": string | null,"firstName": string | null,"hasAudioRecording": boolean,"id": string,"isExclusive": boolean,"key": string,"lastName": string | null,"notes": string | null,"phone": string | null,"phone2": string | null,"price": number | null,"qualificationStatus": string,"region": string,"score": number,"sector": string,"source": string | null,"status": string | null,"updatedAt": string | null
                  }
                  ComputedFields: never
                  Relationships: [
                    {
      foreignKeyName: "leads_region_fkey"
      columns: ["region"]
isOneToOne: false
      referencedRelation: "regions"
      referencedColumns: ["name"]
    },{
      foreignKeyName: "leads_sector_fkey"
      columns: ["sector"]
isOneToOne: false
      referencedRelation: "sectors"
      referencedColumns: ["name"]
    }
                  ]
                },"return_rows": {
                  Row: {
                    "amount": number | null,"buyer_id": string,"comment": string | null,"company": string | null,"createdAt": string | null,"credits": number,"decidedAt": string | null,"id": string,"key": string,"leadId": string,"leadName": string,"note": string | null,"reason": string,"status": string,"userName": string | null
                  }
                  ComputedFields: never
                  Relationships: [
                    
                  ]
                },"shown_invoices": {
                  Row: {
                    "amount": number | null,"buyer": NonNullable<Json>,"buyer_id": string,"corrects": string | null,"date": string,"description": string,"key": string,"net": number | null,"number": string,"orderId": string | null,"type": string | null,"vat": number | null,"vatPercent": number
                  }
                  ComputedFields: never
                  Insert: {
                           "amount"?: never,"buyer"?: Json | null,"buyer_id"?: string | null,"corrects"?: never,"date"?: string | null,"description"?: string | null,"key"?: string | null,"net"?: never,"number"?: string | null,"orderId"?: never,"type"?: never,"vat"?: never,"vatPercent"?: number | null
                         }
                        Update: {
                           "amount"?: never,"buyer"?: Json | null,"buyer_id"?: string | null,"corrects"?: never,"date"?: string | null,"description"?: string | null,"key"?: string | null,"net"?: never,"number"?: string | null,"orderId"?: never,"type"?: never,"vat"?: never,"vatPercent"?: number | null
                         }
                        Relationships: [
                    
                  ]
                },"shown_orders": {
                  Row: {
                    "amount": number | null,"bonus": number,"buyer_id": string,"checkoutUrl": string | null,"createdAt": string | null,"creditNoteNumber": string | null,"credits": number,"id": string,"invoiceNumber": string | null,"key": string,"packId": string,"packName": string,"status": string
                  }
                  ComputedFields: never
                  Insert: {
                           "amount"?: never,"bonus"?: number | null,"buyer_id"?: string | null,"checkoutUrl"?: never,"createdAt"?: never,"creditNoteNumber"?: never,"credits"?: number | null,"id"?: string | null,"invoiceNumber"?: never,"key"?: string | null,"packId"?: string | null,"packName"?: string | null,"status"?: string | null
                         }
                        Update: {
                           "amount"?: never,"bonus"?: number | null,"buyer_id"?: string | null,"checkoutUrl"?: never,"createdAt"?: never,"creditNoteNumber"?: never,"credits"?: number | null,"id"?: string | null,"invoiceNumber"?: never,"key"?: string | null,"packId"?: string | null,"packName"?: string | null,"status"?: string | null
                         }
                        Relationships: [
                    
                  ]
                },"waiting_leads": {
                  Row: {
                    "call_basis": string | null,"due_at": string | null,"id": string | null,"lead": Database["leads"]['Tables']["leads"]['Row'] | null,"region": string | null
                  }
                  ComputedFields: never
                  Relationships: [
                    
                  ]
                }
          }
          Functions: {
            "accept_import":
{ Args: { "reference": string }; Returns: undefined
                           },
"accept_refund":
{ Args: { "provider_reference": string,"refund_id": string }; Returns: {
              "amount_cents": number,
"bonus": number,
"bonus_lost": number,
"cause": string | null,
"created_at": string,
"credits": number,
"credits_lost": number,
"failed_at": string | null,
"id": string,
"kind": string,
"loss_undone": number,
"order_id": string,
"provider_reference": string | null,
"reference": string,
"status": string,
"transaction_id": string | null,
"updated_at": string
            }
                          SetofOptions: {
        from: "*"
        to: "refunds"
        isOneToOne: true
        isSetofReturn: false
      } },
"accept_return":
{ Args: { "given": Omit<Database["leads"]['Tables']["returns"]['Row'], Database["leads"]['Tables']["returns"]['ComputedFields']>,"note": string }; Returns: undefined
                           },
"accept_upload":
{ Args: { "file_name": string,"on_duplicate": string,"path": string,"reading": Json,"sha256": string,"supplier_id": string }; Returns: Record<string, unknown>
                           },
"account_fault":
{ Args: { "code": string }; Returns: string
                           },
"account_files_to_remove":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"account_of":
{ Args: { "email": string }; Returns: Record<string, unknown>
                           },
"account_problems":
{ Args: { "bic": string,"iban": string }; Returns: Json
                           },
"acheteur_profile":
{ Args: Record<PropertyKey, never>; Returns: Record<string, unknown>
                           },
"add_call":
{ Args: { "lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']>,"outside_rules": (string)[],"report": Json }; Returns: {
              "agent_id": string | null,
"agent_name": string,
"called_on": string,
"created_at": string,
"duration": string,
"duration_seconds": number,
"id": string,
"lead_company": string | null,
"lead_id": string | null,
"lead_name": string,
"outside_rules": (string)[] | null,
"recording_path": string | null,
"recording_size": string | null,
"recording_status": string,
"reference": string,
"result": string
            }
                          SetofOptions: {
        from: "*"
        to: "calls"
        isOneToOne: true
        isSetofReturn: false
      } },
"add_lead":
{ Args: { "given": Json }; Returns: string
                           },
"add_rule":
{ Args: { "given": Json }; Returns: string
                           },
"admin_erase":
{ Args: { "id": string,"oppose": boolean }; Returns: Json
                           },
"admin_export":
{ Args: { "id": string }; Returns: Json
                           },
"advance_import":
{ Args: { "import_id": string }; Returns: undefined
                           },
"agent_profile":
{ Args: Record<PropertyKey, never>; Returns: Record<string, unknown>
                           },
"answer_order":
{ Args: { "order_id": string }; Returns: Json
                           },
"answer_refund":
{ Args: { "cause": string,"outcome": string,"reference": string,"refund_id": string }; Returns: Json
                           },
"apply_dispute":
{ Args: { "event": Json,"pack_order": Omit<Database["leads"]['Tables']["pack_orders"]['Row'], Database["leads"]['Tables']["pack_orders"]['ComputedFields']> }; Returns: string
                           },
"apply_early_events":
{ Args: { "pack_order": Omit<Database["leads"]['Tables']["pack_orders"]['Row'], Database["leads"]['Tables']["pack_orders"]['ComputedFields']> }; Returns: undefined
                           },
"apply_event":
{ Args: { "event": Json,"pack_order": Omit<Database["leads"]['Tables']["pack_orders"]['Row'], Database["leads"]['Tables']["pack_orders"]['ComputedFields']>,"provider": string }; Returns: string
                           },
"apply_failure":
{ Args: { "event": Json,"pack_order": Omit<Database["leads"]['Tables']["pack_orders"]['Row'], Database["leads"]['Tables']["pack_orders"]['ComputedFields']>,"provider": string }; Returns: string
                           },
"apply_payment":
{ Args: { "event": Json,"pack_order": Omit<Database["leads"]['Tables']["pack_orders"]['Row'], Database["leads"]['Tables']["pack_orders"]['ComputedFields']>,"provider": string }; Returns: string
                           },
"apply_refund":
{ Args: { "event": Json,"pack_order": Omit<Database["leads"]['Tables']["pack_orders"]['Row'], Database["leads"]['Tables']["pack_orders"]['ComputedFields']> }; Returns: string
                           },
"apply_refund_news":
{ Args: { "event": Json,"pack_order": Omit<Database["leads"]['Tables']["pack_orders"]['Row'], Database["leads"]['Tables']["pack_orders"]['ComputedFields']> }; Returns: string
                           },
"begin_import":
{ Args: { "file_name": string,"supplier_id": string }; Returns: string
                           },
"begin_slice":
{ Args: { "import_id": string }; Returns: Record<string, unknown>
                           },
"begin_staging":
{ Args: { "import_id": string }; Returns: undefined
                           },
"body_problems":
{ Args: { "given": Json,"known": (string)[],"shown"?: Json }; Returns: Json
                           },
"book_made":
{ Args: { "amount_cents": number,"kind": string,"pack_order": Omit<Database["leads"]['Tables']["pack_orders"]['Row'], Database["leads"]['Tables']["pack_orders"]['ComputedFields']>,"provider_reference": string }; Returns: {
              "amount_cents": number,
"bonus": number,
"bonus_lost": number,
"cause": string | null,
"created_at": string,
"credits": number,
"credits_lost": number,
"failed_at": string | null,
"id": string,
"kind": string,
"loss_undone": number,
"order_id": string,
"provider_reference": string | null,
"reference": string,
"status": string,
"transaction_id": string | null,
"updated_at": string
            }
                          SetofOptions: {
        from: "*"
        to: "refunds"
        isOneToOne: true
        isSetofReturn: false
      } },
"bought_lead":
{ Args: { "reference": string }; Returns: {
              "budget_cents": number,
"buyer_id": string,
"credits": number,
"given_credits": number,
"given_share_cents": number,
"lead_id": string,
"place": number,
"places": number,
"price_cents": number,
"return_until": string,
"rules": NonNullable<Json>,
"sold_at": string,
"supplier_id": string,
"supplier_share_cents": number,
"transfer_id": string | null
            }
                          SetofOptions: {
        from: "*"
        to: "sales"
        isOneToOne: true
        isSetofReturn: false
      } },
"call_figures":
{ Args: { "agent_id": string,"duration_seconds": number,"result": string }; Returns: Database["platform"]['CompositeTypes']["figure"][]
                          SetofOptions: {
        from: "*"
        to: "figure"
        isOneToOne: false
        isSetofReturn: true
      } },
"calling_at":
{ Args: { "at"?: string }; Returns: Database["leads"]['CompositeTypes']["calling"]
                          SetofOptions: {
        from: "*"
        to: "calling"
        isOneToOne: true
        isSetofReturn: false
      } },
"calling_hours_hold":
{ Args: { "hours": Json }; Returns: boolean
                           },
"calling_problems":
{ Args: { "rule": Json }; Returns: Json
                           },
"came_in_at":
{ Args: { "import": Omit<Database["leads"]['Tables']["imports"]['Row'], Database["leads"]['Tables']["imports"]['ComputedFields']> }; Returns: string
                           },
"cents":
{ Args: { "euros": Json }; Returns: number
                           },
"change_lead":
{ Args: { "expected": string,"given": Json,"reference": string }; Returns: undefined
                           },
"change_rule":
{ Args: { "expected": string,"given": Json,"reference": string }; Returns: string
                           },
"check_account":
{ Args: { "bic": string,"iban": string,"supplier": Omit<Database["leads"]['Tables']["suppliers"]['Row'], Database["leads"]['Tables']["suppliers"]['ComputedFields']> }; Returns: Json
                           },
"check_account_of":
{ Args: { "bic": string,"iban": string,"id": string }; Returns: Json
                           },
"check_import_consents":
{ Args: { "from_line": number,"import_id": string,"last_line": number,"month_first": boolean }; Returns: undefined
                           },
"check_import_piece":
{ Args: { "from_line": number,"import_id": string,"keys_from": string,"last_line": number,"month_first": boolean }; Returns: undefined
                           },
"check_import_rows":
{ Args: { "from_line": number,"import_id": string,"keys_from"?: string,"last_line": number,"month_first"?: boolean }; Returns: undefined
                           },
"check_lead":
{ Args: { "given": Json }; Returns: Record<string, unknown>
                           },
"check_own_account":
{ Args: { "bic": string,"iban": string }; Returns: Json
                           },
"choose_import_updates":
{ Args: { "import_id": string }; Returns: number
                           },
"claim_upload":
{ Args: Record<PropertyKey, never>; Returns: Record<string, unknown>
                           },
"clean_value":
{ Args: { "is_name"?: boolean,"several_lines"?: boolean,"value": string }; Returns: string
                           },
"clear_import_rows":
{ Args: { "import_id": string }; Returns: undefined
                           },
"close_event":
{ Args: { "order_id": string,"outcome": string,"told": Omit<Database["leads"]['Tables']["payment_events"]['Row'], Database["leads"]['Tables']["payment_events"]['ComputedFields']> }; Returns: string
                           },
"company_without_person":
{ Args: { "company": string,"last_name": string }; Returns: string
                           },
"complete_import":
{ Args: { "counts": Database["leads"]['CompositeTypes']["import_counts"],"import_id": string }; Returns: undefined
                           },
"complete_payout":
{ Args: { "payout": Omit<Database["leads"]['Tables']["payouts"]['Row'], Database["leads"]['Tables']["payouts"]['ComputedFields']> }; Returns: undefined
                           },
"consent_date_order":
{ Args: { "import_id": string }; Returns: string
                           },
"consent_problem_message":
{ Args: { "field": string,"written": string }; Returns: string
                           },
"consent_problems":
{ Args: { "given": Json }; Returns: Json
                           },
"contact_in_text":
{ Args: { "email": string,"first_name": string,"last_name": string,"phones": (string)[],"said": string }; Returns: boolean
                           },
"contact_signs":
{ Args: { "company": string,"email": string,"phone": string }; Returns: Json
                           },
"count_checked_rows":
{ Args: { "import_id": string }; Returns: Database["leads"]['CompositeTypes']["import_counts"]
                          SetofOptions: {
        from: "*"
        to: "import_counts"
        isOneToOne: true
        isSetofReturn: false
      } },
"count_import":
{ Args: { "counts": Database["leads"]['CompositeTypes']["import_counts"],"import_id": string,"status": string }; Returns: {
              "created_at": string,
"duplicates": number,
"duplicates_in_file": number | null,
"duplicates_of_supplier": number | null,
"duplicates_on_platform": number | null,
"duplicates_sold": number | null,
"failure": string | null,
"file_name": string,
"handed_over_at": string | null,
"id": string,
"inserted": number | null,
"invalid": number,
"on_duplicate": string,
"processing_time": string | null,
"qualification_status": string,
"reading": NonNullable<Json>,
"reference": string,
"sha256": string | null,
"source": string | null,
"status": string,
"supplier_id": string,
"total": number,
"undone_at": string | null,
"updated": number | null,
"updated_at": string,
"upload_date": string,
"valid": number
            }
                          SetofOptions: {
        from: "*"
        to: "imports"
        isOneToOne: true
        isSetofReturn: false
      } },
"credits_of":
{ Args: { "buyer_id": string }; Returns: number
                           },
"days_ago":
{ Args: { "rule": string }; Returns: string
                           },
"decide_pair":
{ Args: { "note": string,"reference": string,"status": string }; Returns: string
                           },
"decide_return":
{ Args: { "accepted": boolean,"note": string,"reference": string }; Returns: {
              "buyer_id": string,
"comment": string | null,
"credits_recovered": number,
"decided_at": string | null,
"decided_by": string | null,
"decision_note": string | null,
"id": string,
"lead_id": string,
"lead_name": string,
"lead_reference": string,
"reason": string,
"reference": string,
"requested_at": string,
"status": string,
"transfer_id": string | null
            }
                          SetofOptions: {
        from: "*"
        to: "returns"
        isOneToOne: true
        isSetofReturn: false
      } },
"delete_import_rows":
{ Args: { "import_id": string }; Returns: undefined
                           },
"demo_accounts":
{ Args: Record<PropertyKey, never>; Returns: {
              "iban": string,"supplier_id": string
            }[]
                           },
"demo_iban":
{ Args: { "mask": string }; Returns: string
                           },
"digits_of":
{ Args: { "eighties": boolean,"ones": boolean,"plain": string,"with_words": boolean }; Returns: Record<string, unknown>
                           },
"directory_key":
{ Args: { "name": string }; Returns: string
                           },
"discard_import":
{ Args: { "reference": string }; Returns: undefined
                           },
"duplicate_kind":
{ Args: { "lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']>,"platform_since": string,"sold_since": string,"supplier_id": string }; Returns: string
                           },
"duration_text":
{ Args: { "seconds": number }; Returns: string
                           },
"email_of":
{ Args: { "written": string }; Returns: string
                           },
"end_slice":
{ Args: { "import_id": string,"is_staged": boolean,"rows": number,"staged_to": Json }; Returns: undefined
                           },
"enter_outcome":
{ Args: { "outcome": string,"payout": Omit<Database["leads"]['Tables']["payouts"]['Row'], Database["leads"]['Tables']["payouts"]['ComputedFields']>,"reason": string }; Returns: undefined
                           },
"erase_holder":
{ Args: { "user_id": string }; Returns: undefined
                           },
"erase_import_traces":
{ Args: { "email": string,"phone": string }; Returns: number
                           },
"erase_leads":
{ Args: { "ids": (string)[] }; Returns: Json
                           },
"erase_person":
{ Args: { "email": string,"oppose": boolean,"phone": string,"supplier_ids": (string)[],"user_id": string }; Returns: Json
                           },
"erase_prospect":
{ Args: { "email": string,"oppose": boolean,"phone": string }; Returns: Json
                           },
"erase_suppliers":
{ Args: { "ids": (string)[] }; Returns: undefined
                           },
"estimate_rows":
{ Args: { "min_score": number,"query": string,"region": string,"sector": string,"status": string,"words": (string)[] }; Returns: number
                           },
"execution_date":
{ Args: { "wanted": string }; Returns: string
                           },
"exemptions_hold":
{ Args: { "exemptions": Json }; Returns: boolean
                           },
"explain_duplicates":
{ Args: { "import_id": string }; Returns: undefined
                           },
"explain_import_problems":
{ Args: { "from_line": number,"import_id": string,"last_line": number }; Returns: undefined
                           },
"exported_account":
{ Args: { "supplier_ids": (string)[],"system"?: string,"user_id": string }; Returns: Json
                           },
"exported_lead":
{ Args: { "lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']> }; Returns: Json
                           },
"fail_import":
{ Args: { "import_id": string,"reason": string }; Returns: undefined
                           },
"fail_order":
{ Args: { "expired": boolean,"order_id": string,"provider": string }; Returns: {
              "answer": Json | null,
"bonus": number,
"buyer_id": string,
"checkout_url": string | null,
"created_at": string,
"credits": number,
"credits_lost": number,
"id": string,
"pack_id": string,
"pack_name": string,
"pack_reference": string,
"pack_version": number,
"payment_id": string | null,
"payment_reference": string | null,
"price_cents": number,
"provider": string | null,
"provider_reference": string | null,
"reference": string,
"refund_reference": string | null,
"settled_at": string | null,
"status": string,
"transaction_id": string | null,
"updated_at": string
            }
                          SetofOptions: {
        from: "*"
        to: "pack_orders"
        isOneToOne: true
        isSetofReturn: false
      } },
"fields_to_hide":
{ Args: { "channel": string,"city": string,"company": string,"email": string,"first_name": string,"last_name": string,"phones": (string)[],"source": string }; Returns: (string)[]
                           },
"files_to_remove":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"find_leads":
{ Args: { "count_mode": string,"cursor": string,"min_score": number,"page_size": number,"region": string,"search": string,"sector": string,"status": string }; Returns: Record<string, unknown>
                           },
"find_pairs":
{ Args: { "person": string }; Returns: undefined
                           },
"find_profile":
{ Args: { "username": string }; Returns: Json
                           },
"firm_sign":
{ Args: { "company": string }; Returns: string
                           },
"follow_status":
{ Args: { "role": string,"status": string,"user_id": string }; Returns: undefined
                           },
"forget_recordings":
{ Args: { "paths": (string)[] }; Returns: undefined
                           },
"forget_upload":
{ Args: { "import_id": string }; Returns: undefined
                           },
"fournisseur_profile":
{ Args: Record<PropertyKey, never>; Returns: Record<string, unknown>
                           },
"free_earnings":
{ Args: { "payout": Omit<Database["leads"]['Tables']["payouts"]['Row'], Database["leads"]['Tables']["payouts"]['ComputedFields']> }; Returns: undefined
                           },
"gdpr_erase":
{ Args: { "oppose"?: boolean,"person": string }; Returns: Json
                           },
"gdpr_export":
{ Args: { "person": string }; Returns: Json
                           },
"give_budget_back":
{ Args: { "sale": Omit<Database["leads"]['Tables']["sales"]['Row'], Database["leads"]['Tables']["sales"]['ComputedFields']> }; Returns: undefined
                           },
"give_lead":
{ Args: { "calling": Database["leads"]['CompositeTypes']["calling"],"lead_id": string }; Returns: {
              "agent_id": string | null,
"call_basis": string,
"callback_at": string | null,
"channel": string | null,
"city": string | null,
"collected_at": string | null,
"company": string | null,
"created_at": string,
"email_mask": string | null,
"erased_at": string | null,
"first_name": string,
"has_audio_recording": boolean,
"has_consent": boolean,
"hidden_fields": (string)[] | null,
"id": string,
"import_id": string | null,
"is_exclusive": boolean,
"last_name_mask": string,
"on_sale": boolean,
"phone_mask": string | null,
"price_cents": number,
"qualification_status": string,
"qualified_at": string | null,
"reference": string,
"region": string,
"requeued_at": string | null,
"reserved_until": string | null,
"sales_count": number,
"score": number,
"search_text": string,
"sector": string,
"sold_at": string | null,
"source": string | null,
"status": string,
"summary": string | null,
"supplier_id": string,
"updated_at": string,
"withdrawn_at": string | null
            }
                          SetofOptions: {
        from: "*"
        to: "leads"
        isOneToOne: true
        isSetofReturn: false
      } },
"global_stats":
{ Args: Record<PropertyKey, never>; Returns: Record<string, unknown>
                           },
"has_bought":
{ Args: { "lead_id": string }; Returns: boolean
                           },
"has_consent":
{ Args: { "lead_id": string }; Returns: boolean
                           },
"has_number_words":
{ Args: { "plain": string }; Returns: boolean
                           },
"held_about":
{ Args: { "supplier_ids": (string)[],"user_id": string }; Returns: Json
                           },
"held_payouts":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"hidden_text":
{ Args: { "lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']> }; Returns: string
                           },
"hold_account":
{ Args: { "payout": Omit<Database["leads"]['Tables']["payouts"]['Row'], Database["leads"]['Tables']["payouts"]['ComputedFields']>,"reason": string }; Returns: string
                           },
"hold_import":
{ Args: { "counts": Database["leads"]['CompositeTypes']["import_counts"],"import_id": string,"on_duplicate": string }; Returns: undefined
                           },
"hold_import_checks":
{ Args: { "import_id": string }; Returns: undefined
                           },
"hold_of":
{ Args: { "payout": Omit<Database["leads"]['Tables']["payouts"]['Row'], Database["leads"]['Tables']["payouts"]['ComputedFields']> }; Returns: string
                           },
"hold_upload":
{ Args: { "import_id": string }; Returns: undefined
                           },
"holder_export":
{ Args: { "system"?: string,"user_id": string }; Returns: Json
                           },
"holder_named":
{ Args: { "id": string }; Returns: string
                           },
"identity_problems":
{ Args: { "identity": Json,"prefix": string,"wanted": (string)[] }; Returns: Json
                           },
"import_progress":
{ Args: { "duplicates": number,"import_id": string,"total": number }; Returns: Record<string, unknown>
                           },
"import_report":
{ Args: { "import_id": string }; Returns: Json
                           },
"import_to_decide":
{ Args: { "reference": string }; Returns: {
              "created_at": string,
"duplicates": number,
"duplicates_in_file": number | null,
"duplicates_of_supplier": number | null,
"duplicates_on_platform": number | null,
"duplicates_sold": number | null,
"failure": string | null,
"file_name": string,
"handed_over_at": string | null,
"id": string,
"inserted": number | null,
"invalid": number,
"on_duplicate": string,
"processing_time": string | null,
"qualification_status": string,
"reading": NonNullable<Json>,
"reference": string,
"sha256": string | null,
"source": string | null,
"status": string,
"supplier_id": string,
"total": number,
"undone_at": string | null,
"updated": number | null,
"updated_at": string,
"upload_date": string,
"valid": number
            }
                          SetofOptions: {
        from: "*"
        to: "imports"
        isOneToOne: true
        isSetofReturn: false
      } },
"import_values":
{ Args: { "from_line"?: number,"import_id": string,"last_line"?: number }; Returns: {
              "channel": string,"city": string,"collected_written": string,"company": string,"defect": string,"email": string,"email_written": string,"first_name": string,"is_exclusive": boolean,"is_exclusive_written": string,"last_name": string,"line": number,"name_unsplit": boolean,"notes": string,"phone": string,"phone_as_written": string,"phone_wrong": string,"phone2": string,"postcode": string,"price_cents": number,"price_written": string,"region": string,"score": number,"score_written": string,"sector": string,"source": string,"summary": string
            }[]
                           },
"insert_import_piece":
{ Args: { "from_line": number,"import_id": string,"last_line": number }; Returns: undefined
                           },
"insert_imported_leads":
{ Args: { "from_line": number,"import_id": string,"last_line": number }; Returns: undefined
                           },
"invoice_mentions":
{ Args: { "buyer": Json,"vat_percent": number }; Returns: (string)[]
                           },
"is_at_another_agent":
{ Args: { "at": string,"lead": string }; Returns: boolean
                           },
"is_begun":
{ Args: { "lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']> }; Returns: boolean
                           },
"is_calling_time":
{ Args: { "local_time": string,"own_holidays": (string)[],"rule": Json }; Returns: boolean
                           },
"is_count":
{ Args: { "highest": number,"lowest": number,"or_none"?: boolean,"value": Json }; Returns: boolean
                           },
"is_cut_between":
{ Args: { "name": string,"said": (string)[] }; Returns: boolean
                           },
"is_email":
{ Args: { "value": string }; Returns: boolean
                           },
"is_holiday":
{ Args: { "day": string,"own_holidays"?: (string)[] }; Returns: boolean
                           },
"is_my_qualification":
{ Args: { "lead_id": string }; Returns: boolean
                           },
"is_name":
{ Args: { "said": string }; Returns: boolean
                           },
"is_reverse_charged":
{ Args: { "vat_number": string }; Returns: boolean
                           },
"is_reworded":
{ Args: { "after": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']>,"before": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']> }; Returns: boolean
                           },
"is_same_offer":
{ Args: { "after": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']>,"before": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']> }; Returns: boolean
                           },
"is_same_person":
{ Args: { "after": Omit<Database["leads"]['Tables']["lead_contacts"]['Row'], Database["leads"]['Tables']["lead_contacts"]['ComputedFields']>,"before": Omit<Database["leads"]['Tables']["lead_contacts"]['Row'], Database["leads"]['Tables']["lead_contacts"]['ComputedFields']> }; Returns: boolean
                           },
"is_sold":
{ Args: { "lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']> }; Returns: boolean
                           },
"is_whole_price":
{ Args: { "event": Json,"pack_order": Omit<Database["leads"]['Tables']["pack_orders"]['Row'], Database["leads"]['Tables']["pack_orders"]['ComputedFields']> }; Returns: boolean
                           },
"issue_again":
{ Args: { "refund": Omit<Database["leads"]['Tables']["refunds"]['Row'], Database["leads"]['Tables']["refunds"]['ComputedFields']> }; Returns: string
                           },
"issue_credit_note":
{ Args: { "refund": Omit<Database["leads"]['Tables']["refunds"]['Row'], Database["leads"]['Tables']["refunds"]['ComputedFields']> }; Returns: string
                           },
"issue_invoice":
{ Args: { "pack_order": Omit<Database["leads"]['Tables']["pack_orders"]['Row'], Database["leads"]['Tables']["pack_orders"]['ComputedFields']> }; Returns: string
                           },
"keep_account":
{ Args: { "bic": string,"changed_by": string,"fingerprint"?: string,"mask": string,"sealed_iban": string,"supplier_id": string,"validated": boolean }; Returns: Json
                           },
"keep_consent":
{ Args: { "given": Json,"lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']> }; Returns: undefined
                           },
"keep_demo_account":
{ Args: { "sealed_iban": string,"supplier_id": string }; Returns: undefined
                           },
"keep_demo_consents":
{ Args: { "files": Json }; Returns: undefined
                           },
"keep_demo_seller":
{ Args: Record<PropertyKey, never>; Returns: undefined
                           },
"keep_import_rejects":
{ Args: { "from_line": number,"import_id": string,"last_line": number }; Returns: undefined
                           },
"keep_imported_consents":
{ Args: { "import_id": string }; Returns: undefined
                           },
"keep_refund":
{ Args: { "order_id": string,"provider_reference": string,"refund_id": string }; Returns: undefined
                           },
"known_import":
{ Args: { "on_duplicate": string,"reading": Json,"sha256": string,"supplier_id": string }; Returns: Record<string, unknown>
                           },
"known_supplier":
{ Args: { "user_id": string }; Returns: string
                           },
"lead_figures":
{ Args: { "created_month": string,"import_id": string,"leads": number,"qualification_status": string,"qualified_month": string,"region": string,"score": number,"sector": string,"status": string,"supplier_id": string }; Returns: Database["platform"]['CompositeTypes']["figure"][]
                          SetofOptions: {
        from: "*"
        to: "figure"
        isOneToOne: false
        isSetofReturn: true
      } },
"lead_on_sale":
{ Args: { "reference": string }; Returns: {
              "agent_id": string | null,
"call_basis": string,
"callback_at": string | null,
"channel": string | null,
"city": string | null,
"collected_at": string | null,
"company": string | null,
"created_at": string,
"email_mask": string | null,
"erased_at": string | null,
"first_name": string,
"has_audio_recording": boolean,
"has_consent": boolean,
"hidden_fields": (string)[] | null,
"id": string,
"import_id": string | null,
"is_exclusive": boolean,
"last_name_mask": string,
"on_sale": boolean,
"phone_mask": string | null,
"price_cents": number,
"qualification_status": string,
"qualified_at": string | null,
"reference": string,
"region": string,
"requeued_at": string | null,
"reserved_until": string | null,
"sales_count": number,
"score": number,
"search_text": string,
"sector": string,
"sold_at": string | null,
"source": string | null,
"status": string,
"summary": string | null,
"supplier_id": string,
"updated_at": string,
"withdrawn_at": string | null
            }
                          SetofOptions: {
        from: "*"
        to: "leads"
        isOneToOne: true
        isSetofReturn: false
      } },
"lead_to_change":
{ Args: { "expected": string,"reference": string }; Returns: {
              "agent_id": string | null,
"call_basis": string,
"callback_at": string | null,
"channel": string | null,
"city": string | null,
"collected_at": string | null,
"company": string | null,
"created_at": string,
"email_mask": string | null,
"erased_at": string | null,
"first_name": string,
"has_audio_recording": boolean,
"has_consent": boolean,
"hidden_fields": (string)[] | null,
"id": string,
"import_id": string | null,
"is_exclusive": boolean,
"last_name_mask": string,
"on_sale": boolean,
"phone_mask": string | null,
"price_cents": number,
"qualification_status": string,
"qualified_at": string | null,
"reference": string,
"region": string,
"requeued_at": string | null,
"reserved_until": string | null,
"sales_count": number,
"score": number,
"search_text": string,
"sector": string,
"sold_at": string | null,
"source": string | null,
"status": string,
"summary": string | null,
"supplier_id": string,
"updated_at": string,
"withdrawn_at": string | null
            }
                          SetofOptions: {
        from: "*"
        to: "leads"
        isOneToOne: true
        isSetofReturn: false
      } },
"leading_words":
{ Args: { "key": string }; Returns: (string)[]
                           },
"leads_of":
{ Args: { "email": string,"phone": string }; Returns: string[]
                           },
"learn_signs":
{ Args: { "person": string,"signs": Json }; Returns: undefined
                           },
"ledger_problems":
{ Args: Record<PropertyKey, never>; Returns: {
              "expected": number,"found": number,"problem": string,"subject": string
            }[]
                           },
"letters_of":
{ Args: { "plain": string }; Returns: string
                           },
"lines_of":
{ Args: { "payout_id": string }; Returns: {
              "amount": number,"buyer": string,"leadId": string,"soldAt": string,"type": string
            }[]
                           },
"list_order":
{ Args: { "pack_order": Omit<Database["leads"]['Tables']["pack_orders"]['Row'], Database["leads"]['Tables']["pack_orders"]['ComputedFields']> }; Returns: {
              "answer": Json | null,
"bonus": number,
"buyer_id": string,
"checkout_url": string | null,
"created_at": string,
"credits": number,
"credits_lost": number,
"id": string,
"pack_id": string,
"pack_name": string,
"pack_reference": string,
"pack_version": number,
"payment_id": string | null,
"payment_reference": string | null,
"price_cents": number,
"provider": string | null,
"provider_reference": string | null,
"reference": string,
"refund_reference": string | null,
"settled_at": string | null,
"status": string,
"transaction_id": string | null,
"updated_at": string
            }
                          SetofOptions: {
        from: "leads.pack_orders"
        to: "pack_orders"
        isOneToOne: true
        isSetofReturn: false
      } },
"lock_payout":
{ Args: { "reference": string }; Returns: {
              "amount_cents": number,
"created_at": string,
"date": string,
"export_id": string | null,
"failure_reason": string | null,
"iban_mask": string,
"id": string,
"leads_count": number,
"period": string,
"reference": string,
"settled_at": string | null,
"status": string,
"supplier_id": string,
"transaction_id": string | null,
"transfer_id": string | null,
"transfer_reference": string
            }
                          SetofOptions: {
        from: "*"
        to: "payouts"
        isOneToOne: true
        isSetofReturn: false
      } },
"look_at_texts":
{ Args: { "contact": Omit<Database["leads"]['Tables']["lead_contacts"]['Row'], Database["leads"]['Tables']["lead_contacts"]['ComputedFields']>,"lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']> }; Returns: (string)[]
                           },
"look_closely_at_fields":
{ Args: { "channel": string,"city": string,"company": string,"email": string,"first_name": string,"last_name": string,"phones": (string)[],"source": string }; Returns: (string)[]
                           },
"looks_like_contact":
{ Args: { "plain": string }; Returns: boolean
                           },
"mark_exported":
{ Args: { "batch": Json,"created_at": string,"message_id": string }; Returns: undefined
                           },
"mark_known_rows":
{ Args: { "from_line": number,"import_id": string,"last_line": number }; Returns: undefined
                           },
"mark_opposed_rows":
{ Args: { "from_line": number,"import_id": string,"last_line": number }; Returns: undefined
                           },
"mark_repeated_rows":
{ Args: { "from_line": number,"import_id": string,"last_line": number }; Returns: undefined
                           },
"may_be_called":
{ Args: { "calling": Database["leads"]['CompositeTypes']["calling"],"lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']> }; Returns: boolean
                           },
"member_details":
{ Args: { "user_ids": (string)[] }; Returns: {
              "details": Json,"user_id": string
            }[]
                           },
"merge_import":
{ Args: { "accepted"?: boolean,"import_id": string,"inserted"?: boolean,"on_duplicate"?: string,"staged"?: number }; Returns: undefined
                           },
"monthly_gains":
{ Args: Record<PropertyKey, never>; Returns: {
              "gains": number,"month": string,"paid": number,"period": string
            }[]
                           },
"monthly_revenue":
{ Args: Record<PropertyKey, never>; Returns: {
              "month": string,"payouts": number,"period": string,"revenus": number
            }[]
                           },
"monthly_stats":
{ Args: Record<PropertyKey, never>; Returns: {
              "leads": number,"month": string,"period": string,"qualified": number,"revenue": number,"sold": number
            }[]
                           },
"monthly_virements":
{ Args: Record<PropertyKey, never>; Returns: {
              "amount": number,"month": string,"period": string
            }[]
                           },
"my_purchases":
{ Args: Record<PropertyKey, never>; Returns: string[]
                           },
"my_supplier_id":
{ Args: Record<PropertyKey, never>; Returns: string
                           },
"name_key":
{ Args: { "name": string }; Returns: string
                           },
"name_variants":
{ Args: { "written": string }; Returns: (string)[]
                           },
"names_contact":
{ Args: { "email": string,"first_name": string,"last_name": string,"phones": (string)[],"plain": string }; Returns: boolean
                           },
"names_person":
{ Args: { "email": string,"phone": string,"said": string }; Returns: boolean
                           },
"nearest_names":
{ Args: { "kind": string,"written": string }; Returns: string
                           },
"next_in_queue":
{ Args: { "calling"?: Database["leads"]['CompositeTypes']["calling"] }; Returns: string
                           },
"next_opening":
{ Args: { "after"?: string,"regions": (string)[] }; Returns: string
                           },
"next_transfer_reference":
{ Args: { "day": string }; Returns: string
                           },
"notify_supplier":
{ Args: { "import_id": string,"message": string,"title": string,"type": string }; Returns: undefined
                           },
"numbers_of":
{ Args: { "contact": Omit<Database["leads"]['Tables']["lead_contacts"]['Row'], Database["leads"]['Tables']["lead_contacts"]['ComputedFields']> }; Returns: (string)[]
                           },
"oldest_waiting":
{ Args: { "calling": Database["leads"]['CompositeTypes']["calling"] }; Returns: string
                           },
"on_member":
{ Args: { "event": string,"role": string,"user_id": string }; Returns: undefined
                           },
"open_figure":
{ Args: { "counted"?: number,"figure": string,"month"?: string,"subject": string,"wanted": number }; Returns: undefined
                           },
"open_import":
{ Args: { "file_name": string,"on_duplicate": string,"reading": Json,"sha256": string,"source"?: string,"supplier_id": string }; Returns: Record<string, unknown>
                           },
"open_merge":
{ Args: { "import_id": string }; Returns: string
                           },
"open_months":
{ Args: { "field": string,"items": Json,"metric": string,"subject": string,"unit": number }; Returns: undefined
                           },
"open_obligations":
{ Args: { "supplier_ids": (string)[],"user_id": string }; Returns: (string)[]
                           },
"open_order":
{ Args: { "key": string,"pack": string }; Returns: {
              "answer": Json | null,
"bonus": number,
"buyer_id": string,
"checkout_url": string | null,
"created_at": string,
"credits": number,
"credits_lost": number,
"id": string,
"pack_id": string,
"pack_name": string,
"pack_reference": string,
"pack_version": number,
"payment_id": string | null,
"payment_reference": string | null,
"price_cents": number,
"provider": string | null,
"provider_reference": string | null,
"reference": string,
"refund_reference": string | null,
"settled_at": string | null,
"status": string,
"transaction_id": string | null,
"updated_at": string
            }
                          SetofOptions: {
        from: "*"
        to: "pack_orders"
        isOneToOne: true
        isSetofReturn: false
      } },
"open_ratio":
{ Args: { "count_figure": string,"counted": number,"counted_sum": number,"subject": string,"sum_figure": string,"wanted": number,"weight": number }; Returns: undefined
                           },
"open_regions":
{ Args: { "at"?: string,"rule"?: Json }; Returns: (string)[]
                           },
"open_role":
{ Args: { "by_admin": boolean,"role": string,"supplier_status": string,"user_id": string }; Returns: undefined
                           },
"oppose":
{ Args: { "emails": (string)[],"phones": (string)[],"reason": string }; Returns: number
                           },
"order_problems":
{ Args: Record<PropertyKey, never>; Returns: {
              "expected": number,"found": number,"problem": string,"subject": string
            }[]
                           },
"order_title":
{ Args: { "pack_order": Omit<Database["leads"]['Tables']["pack_orders"]['Row'], Database["leads"]['Tables']["pack_orders"]['ComputedFields']> }; Returns: string
                           },
"order_to_settle":
{ Args: { "order_id": string }; Returns: {
              "answer": Json | null,
"bonus": number,
"buyer_id": string,
"checkout_url": string | null,
"created_at": string,
"credits": number,
"credits_lost": number,
"id": string,
"pack_id": string,
"pack_name": string,
"pack_reference": string,
"pack_version": number,
"payment_id": string | null,
"payment_reference": string | null,
"price_cents": number,
"provider": string | null,
"provider_reference": string | null,
"reference": string,
"refund_reference": string | null,
"settled_at": string | null,
"status": string,
"transaction_id": string | null,
"updated_at": string
            }
                          SetofOptions: {
        from: "*"
        to: "pack_orders"
        isOneToOne: true
        isSetofReturn: false
      } },
"outcome_figures":
{ Args: { "buyer_id": string,"outcome": string,"sign": number }; Returns: Database["platform"]['CompositeTypes']["figure"][]
                          SetofOptions: {
        from: "*"
        to: "figure"
        isOneToOne: false
        isSetofReturn: true
      } },
"outdated_uploads":
{ Args: Record<PropertyKey, never>; Returns: {
              "id": string,"path": string
            }[]
                           },
"owed_credits":
{ Args: { "buyer_id": string }; Returns: number
                           },
"own_account":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"own_export":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"own_profile":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"pack_problems":
{ Args: { "pack": Json }; Returns: Json
                           },
"part_numbers":
{ Args: { "plain": string }; Returns: string
                           },
"part_ranges":
{ Args: { "plain": string }; Returns: string
                           },
"paused_until":
{ Args: { "at"?: string,"lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']>,"rule": Json }; Returns: string
                           },
"pay_for_lead":
{ Args: { "lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']>,"price": Database["leads"]['CompositeTypes']["lead_price"] }; Returns: Record<string, unknown>
                           },
"pay_supplier":
{ Args: { "id": string,"idempotency_key": string }; Returns: Json
                           },
"payable_earnings":
{ Args: { "supplier_id": string }; Returns: {
              "amount_cents": number,
"buyer_id": string | null,
"created_at": string,
"id": string,
"kind": string,
"lead_id": string | null,
"payable_from": string,
"payout_id": string | null,
"supplier_id": string
            }[]
                          SetofOptions: {
        from: "*"
        to: "earnings"
        isOneToOne: false
        isSetofReturn: true
      } },
"payables":
{ Args: { "supplier": string }; Returns: {
              "amount": number,"code": string,"company": string,"fournisseur": string,"iban": string,"id": string,"leadsCount": number,"message": string,"status": string
            }[]
                           },
"payout_batch":
{ Args: { "again": string,"execution_date"?: string }; Returns: Json
                           },
"payout_figures":
{ Args: { "amount_cents": number,"date": string,"status": string,"supplier_id": string }; Returns: Database["platform"]['CompositeTypes']["figure"][]
                          SetofOptions: {
        from: "*"
        to: "figure"
        isOneToOne: false
        isSetofReturn: true
      } },
"payout_lines_for":
{ Args: { "reference": string,"role": string }; Returns: {
              "amount": number,"buyer": string,"leadId": string,"soldAt": string,"type": string
            }[]
                           },
"payout_orders":
{ Args: { "wanted_export": string }; Returns: Json
                           },
"payout_period":
{ Args: { "day": string }; Returns: string
                           },
"payout_problem":
{ Args: { "cents": number,"supplier": Omit<Database["leads"]['Tables']["suppliers"]['Row'], Database["leads"]['Tables']["suppliers"]['ComputedFields']> }; Returns: Record<string, unknown>
                           },
"payout_problems":
{ Args: Record<PropertyKey, never>; Returns: {
              "expected": number,"found": number,"problem": string,"subject": string
            }[]
                           },
"pending_import":
{ Args: { "reference": string }; Returns: {
              "created_at": string,
"duplicates": number,
"duplicates_in_file": number | null,
"duplicates_of_supplier": number | null,
"duplicates_on_platform": number | null,
"duplicates_sold": number | null,
"failure": string | null,
"file_name": string,
"handed_over_at": string | null,
"id": string,
"inserted": number | null,
"invalid": number,
"on_duplicate": string,
"processing_time": string | null,
"qualification_status": string,
"reading": NonNullable<Json>,
"reference": string,
"sha256": string | null,
"source": string | null,
"status": string,
"supplier_id": string,
"total": number,
"undone_at": string | null,
"updated": number | null,
"updated_at": string,
"upload_date": string,
"valid": number
            }
                          SetofOptions: {
        from: "*"
        to: "imports"
        isOneToOne: true
        isSetofReturn: false
      } },
"pepper":
{ Args: Record<PropertyKey, never>; Returns: string
                           },
"person_hash":
{ Args: { "pepper": string,"value": string }; Returns: string
                           },
"person_hashes":
{ Args: { "lead_id": string }; Returns: (string)[]
                           },
"person_of":
{ Args: { "written": string }; Returns: Record<string, unknown>
                           },
"personal_data":
{ Args: Record<PropertyKey, never>; Returns: Database["platform"]['CompositeTypes']["personal_place"][]
                          SetofOptions: {
        from: "*"
        to: "personal_place"
        isOneToOne: false
        isSetofReturn: true
      } },
"phones_of":
{ Args: { "contact": Omit<Database["leads"]['Tables']["lead_contacts"]['Row'], Database["leads"]['Tables']["lead_contacts"]['ComputedFields']> }; Returns: (string)[]
                           },
"places":
{ Args: { "buyers_per_shared_lead": number,"is_exclusive": boolean }; Returns: number
                           },
"plain_date":
{ Args: { "written": string }; Returns: string
                           },
"plain_text":
{ Args: { "said": string }; Returns: string
                           },
"price_of":
{ Args: { "lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']> }; Returns: Database["leads"]['CompositeTypes']["lead_price"]
                          SetofOptions: {
        from: "leads.leads"
        to: "lead_price"
        isOneToOne: true
        isSetofReturn: false
      } },
"problem_message":
{ Args: { "code": string,"field": string,"written": string }; Returns: string
                           },
"proven_email":
{ Args: { "user_id": string }; Returns: string
                           },
"purchase":
{ Args: { "reference": string,"seen_credits"?: number,"seen_euros"?: number }; Returns: Json
                           },
"qualify":
{ Args: { "idempotency_key": string,"reference": string,"report": Json }; Returns: {
              "agent_id": string | null,
"call_id": string,
"callback_at": string | null,
"created_at": string,
"lead_id": string,
"recording_consent": boolean,
"repeatable_until": string,
"request_hash": string,
"request_key": string | null,
"score_explanations": NonNullable<Json>
            }
                          SetofOptions: {
        from: "*"
        to: "qualifications"
        isOneToOne: true
        isSetofReturn: false
      } },
"queue_overview":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"rate":
{ Args: { "part": number,"whole": number }; Returns: number
                           },
"read_billing_settings":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"read_calling_rules":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"read_only_problems":
{ Args: { "given": Json,"lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']> }; Returns: Json
                           },
"read_telephones":
{ Args: { "phone": string,"phone2": string }; Returns: (string)[]
                           },
"record_outcome":
{ Args: { "outcome": string,"reference": string }; Returns: undefined
                           },
"record_payout":
{ Args: { "cents": number,"leads_count": number,"supplier": Omit<Database["leads"]['Tables']["suppliers"]['Row'], Database["leads"]['Tables']["suppliers"]['ComputedFields']> }; Returns: {
              "amount_cents": number,
"created_at": string,
"date": string,
"export_id": string | null,
"failure_reason": string | null,
"iban_mask": string,
"id": string,
"leads_count": number,
"period": string,
"reference": string,
"settled_at": string | null,
"status": string,
"supplier_id": string,
"transaction_id": string | null,
"transfer_id": string | null,
"transfer_reference": string
            }
                          SetofOptions: {
        from: "*"
        to: "payouts"
        isOneToOne: true
        isSetofReturn: false
      } },
"record_transaction":
{ Args: { "amount_cents": number,"credits": number,"description": string,"payment_method": string,"role": string,"status"?: string,"type": string,"user_id": string }; Returns: string
                           },
"recording_target":
{ Args: { "extension": string,"reference": string }; Returns: string
                           },
"recordings_of":
{ Args: { "lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']> }; Returns: string[]
                           },
"recount":
{ Args: Record<PropertyKey, never>; Returns: number
                           },
"recover_loss":
{ Args: { "credits": number,"given": Omit<Database["leads"]['Tables']["returns"]['Row'], Database["leads"]['Tables']["returns"]['ComputedFields']> }; Returns: number
                           },
"refund_name":
{ Args: { "refund": Omit<Database["leads"]['Tables']["refunds"]['Row'], Database["leads"]['Tables']["refunds"]['ComputedFields']>,"told": string }; Returns: string
                           },
"refund_order":
{ Args: { "money_sent"?: boolean,"order_id": string }; Returns: {
              "answer": Json | null,
"bonus": number,
"buyer_id": string,
"checkout_url": string | null,
"created_at": string,
"credits": number,
"credits_lost": number,
"id": string,
"pack_id": string,
"pack_name": string,
"pack_reference": string,
"pack_version": number,
"payment_id": string | null,
"payment_reference": string | null,
"price_cents": number,
"provider": string | null,
"provider_reference": string | null,
"reference": string,
"refund_reference": string | null,
"settled_at": string | null,
"status": string,
"transaction_id": string | null,
"updated_at": string
            }
                          SetofOptions: {
        from: "*"
        to: "pack_orders"
        isOneToOne: true
        isSetofReturn: false
      } },
"refund_to_settle":
{ Args: { "refund_id": string }; Returns: {
              "amount_cents": number,
"bonus": number,
"bonus_lost": number,
"cause": string | null,
"created_at": string,
"credits": number,
"credits_lost": number,
"failed_at": string | null,
"id": string,
"kind": string,
"loss_undone": number,
"order_id": string,
"provider_reference": string | null,
"reference": string,
"status": string,
"transaction_id": string | null,
"updated_at": string
            }
                          SetofOptions: {
        from: "*"
        to: "refunds"
        isOneToOne: true
        isSetofReturn: false
      } },
"refundable_cents":
{ Args: { "pack_order": Omit<Database["leads"]['Tables']["pack_orders"]['Row'], Database["leads"]['Tables']["pack_orders"]['ComputedFields']> }; Returns: number
                           },
"refunded_cents":
{ Args: { "at": string,"order_id": string }; Returns: number
                           },
"refuse_duplicate":
{ Args: { "email": string,"except_lead"?: string,"phones": (string)[],"supplier_id": string }; Returns: undefined
                           },
"refuse_if_bought":
{ Args: { "lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']> }; Returns: undefined
                           },
"refuse_large_upload":
{ Args: { "bytes": number,"supplier_id": string }; Returns: undefined
                           },
"refuse_open_obligations":
{ Args: { "supplier_ids": (string)[],"user_id": string }; Returns: undefined
                           },
"refuse_other_price":
{ Args: { "price": Database["leads"]['CompositeTypes']["lead_price"],"seen_credits": number,"seen_euros": number }; Returns: undefined
                           },
"refuse_other_version":
{ Args: { "expected": string,"version": number }; Returns: undefined
                           },
"refuse_payout":
{ Args: { "payout": Omit<Database["leads"]['Tables']["payouts"]['Row'], Database["leads"]['Tables']["payouts"]['ComputedFields']>,"reason": string }; Returns: undefined
                           },
"refuse_refund":
{ Args: { "cause": string,"failed_at"?: string,"provider_reference"?: string,"refund_id": string }; Returns: {
              "amount_cents": number,
"bonus": number,
"bonus_lost": number,
"cause": string | null,
"created_at": string,
"credits": number,
"credits_lost": number,
"failed_at": string | null,
"id": string,
"kind": string,
"loss_undone": number,
"order_id": string,
"provider_reference": string | null,
"reference": string,
"status": string,
"transaction_id": string | null,
"updated_at": string
            }
                          SetofOptions: {
        from: "*"
        to: "refunds"
        isOneToOne: true
        isSetofReturn: false
      } },
"refuse_sale":
{ Args: { "lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']> }; Returns: undefined
                           },
"refuse_unless_free":
{ Args: { "lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']> }; Returns: undefined
                           },
"refuse_waiting":
{ Args: { "cause": string,"pack_order": Omit<Database["leads"]['Tables']["pack_orders"]['Row'], Database["leads"]['Tables']["pack_orders"]['ComputedFields']> }; Returns: undefined
                           },
"region_of_postcode":
{ Args: { "postcode": string }; Returns: string
                           },
"region_stats":
{ Args: Record<PropertyKey, never>; Returns: {
              "name": string,"value": number
            }[]
                           },
"release_upload":
{ Args: { "import_id": string }; Returns: undefined
                           },
"remember_imported_leads":
{ Args: { "import_id": string }; Returns: undefined
                           },
"remove_seed":
{ Args: Record<PropertyKey, never>; Returns: undefined
                           },
"repeated_report":
{ Args: { "hash": string,"key": string,"lead": string }; Returns: {
              "agent_id": string | null,
"call_id": string,
"callback_at": string | null,
"created_at": string,
"lead_id": string,
"recording_consent": boolean,
"repeatable_until": string,
"request_hash": string,
"request_key": string | null,
"score_explanations": NonNullable<Json>
            }
                          SetofOptions: {
        from: "*"
        to: "qualifications"
        isOneToOne: true
        isSetofReturn: false
      } },
"report_incomplete_seller":
{ Args: Record<PropertyKey, never>; Returns: undefined
                           },
"report_payment":
{ Args: { "told": Omit<Database["leads"]['Tables']["payment_events"]['Row'], Database["leads"]['Tables']["payment_events"]['ComputedFields']> }; Returns: undefined
                           },
"report_problems":
{ Args: { "report": Json }; Returns: Json
                           },
"request_refund":
{ Args: { "amount_cents"?: number,"order_id": string }; Returns: {
              "amount_cents": number,
"bonus": number,
"bonus_lost": number,
"cause": string | null,
"created_at": string,
"credits": number,
"credits_lost": number,
"failed_at": string | null,
"id": string,
"kind": string,
"loss_undone": number,
"order_id": string,
"provider_reference": string | null,
"reference": string,
"status": string,
"transaction_id": string | null,
"updated_at": string
            }
                          SetofOptions: {
        from: "*"
        to: "refunds"
        isOneToOne: true
        isSetofReturn: false
      } },
"request_return":
{ Args: { "comment": string,"reason": string,"reference": string }; Returns: {
              "buyer_id": string,
"comment": string | null,
"credits_recovered": number,
"decided_at": string | null,
"decided_by": string | null,
"decision_note": string | null,
"id": string,
"lead_id": string,
"lead_name": string,
"lead_reference": string,
"reason": string,
"reference": string,
"requested_at": string,
"status": string,
"transfer_id": string | null
            }
                          SetofOptions: {
        from: "*"
        to: "returns"
        isOneToOne: true
        isSetofReturn: false
      } },
"reservation_end":
{ Args: Record<PropertyKey, never>; Returns: string
                           },
"reserve_next":
{ Args: Record<PropertyKey, never>; Returns: Record<string, unknown>
                           },
"resolve_names":
{ Args: { "kind": string,"spellings": (string)[] }; Returns: {
              "name": string,"spelling": string
            }[]
                           },
"restore_lead":
{ Args: { "before": Omit<Database["leads"]['Tables']["import_changes"]['Row'], Database["leads"]['Tables']["import_changes"]['ComputedFields']> }; Returns: undefined
                           },
"reverse_refund":
{ Args: { "cause": string,"failed_at": string,"refund_id": string }; Returns: {
              "amount_cents": number,
"bonus": number,
"bonus_lost": number,
"cause": string | null,
"created_at": string,
"credits": number,
"credits_lost": number,
"failed_at": string | null,
"id": string,
"kind": string,
"loss_undone": number,
"order_id": string,
"provider_reference": string | null,
"reference": string,
"status": string,
"transaction_id": string | null,
"updated_at": string
            }
                          SetofOptions: {
        from: "*"
        to: "refunds"
        isOneToOne: true
        isSetofReturn: false
      } },
"rows_of_transfers":
{ Args: Record<PropertyKey, never>; Returns: {
              "key": string,"kind": string,"transfer_id": string
            }[]
                           },
"rule":
{ Args: { "kind": string }; Returns: number
                           },
"rule_problems":
{ Args: { "kind": Omit<Database["leads"]['Tables']["rule_kinds"]['Row'], Database["leads"]['Tables']["rule_kinds"]['ComputedFields']>,"rule": Json }; Returns: Json
                           },
"rules_broken":
{ Args: { "calling": Database["leads"]['CompositeTypes']["calling"],"lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']> }; Returns: (string)[]
                           },
"rules_in_force":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"sale_figures":
{ Args: { "at": string,"buyer_id": string,"price_cents": number,"sign": number,"supplier_id": string,"supplier_share_cents": number }; Returns: Database["platform"]['CompositeTypes']["figure"][]
                          SetofOptions: {
        from: "*"
        to: "figure"
        isOneToOne: false
        isSetofReturn: true
      } },
"sale_problems":
{ Args: Record<PropertyKey, never>; Returns: {
              "expected": number,"found": number,"problem": string,"subject": string
            }[]
                           },
"same_name":
{ Args: { "one": string,"other": string }; Returns: boolean
                           },
"says_nothing":
{ Args: { "is_name": boolean,"value": string }; Returns: boolean
                           },
"score_lead":
{ Args: { "lead_id": string }; Returns: {
              "contribution": number,"description": string,"feature": string
            }[]
                           },
"sector_stats":
{ Args: Record<PropertyKey, never>; Returns: {
              "color": string,"name": string,"value": number
            }[]
                           },
"seed":
{ Args: { "accounts": Json,"files": Json }; Returns: Json
                           },
"seed_balances":
{ Args: { "accounts": Json,"files": Json }; Returns: undefined
                           },
"seed_key":
{ Args: { "base": string,"place": number }; Returns: string
                           },
"seed_leads":
{ Args: { "accounts": Json,"base": string,"files": Json }; Returns: undefined
                           },
"seed_money":
{ Args: { "accounts": Json,"base": string,"files": Json }; Returns: undefined
                           },
"seed_openings":
{ Args: { "accounts": Json,"files": Json }; Returns: undefined
                           },
"seed_people":
{ Args: { "accounts": Json,"base": string,"files": Json }; Returns: undefined
                           },
"seed_work":
{ Args: { "base": string,"files": Json }; Returns: undefined
                           },
"sees_catalogue":
{ Args: Record<PropertyKey, never>; Returns: boolean
                           },
"seller_form_problems":
{ Args: { "value": Json }; Returns: Json
                           },
"seller_problems":
{ Args: { "seller": Json,"vat_percent": Json }; Returns: Json
                           },
"sells_without_consent":
{ Args: Record<PropertyKey, never>; Returns: boolean
                           },
"send_order":
{ Args: { "checkout_url": string,"order_id": string,"provider": string,"provider_reference": string }; Returns: {
              "answer": Json | null,
"bonus": number,
"buyer_id": string,
"checkout_url": string | null,
"created_at": string,
"credits": number,
"credits_lost": number,
"id": string,
"pack_id": string,
"pack_name": string,
"pack_reference": string,
"pack_version": number,
"payment_id": string | null,
"payment_reference": string | null,
"price_cents": number,
"provider": string | null,
"provider_reference": string | null,
"reference": string,
"refund_reference": string | null,
"settled_at": string | null,
"status": string,
"transaction_id": string | null,
"updated_at": string
            }
                          SetofOptions: {
        from: "*"
        to: "pack_orders"
        isOneToOne: true
        isSetofReturn: false
      } },
"set_payout_debtor":
{ Args: { "bic": string,"iban": string,"name": string }; Returns: Json
                           },
"set_supplier_status":
{ Args: { "iban"?: string,"id": string,"status": string }; Returns: Json
                           },
"settle_entries":
{ Args: { "entries": Json }; Returns: {
              "cents": number,"outcome": string,"reference": string,"result": string
            }[]
                           },
"settle_entry":
{ Args: { "cents": number,"outcome": string,"reason": string,"reference": string }; Returns: string
                           },
"settle_order":
{ Args: { "order_id": string,"payment_reference"?: string,"provider": string,"provider_reference"?: string }; Returns: {
              "answer": Json | null,
"bonus": number,
"buyer_id": string,
"checkout_url": string | null,
"created_at": string,
"credits": number,
"credits_lost": number,
"id": string,
"pack_id": string,
"pack_name": string,
"pack_reference": string,
"pack_version": number,
"payment_id": string | null,
"payment_reference": string | null,
"price_cents": number,
"provider": string | null,
"provider_reference": string | null,
"reference": string,
"refund_reference": string | null,
"settled_at": string | null,
"status": string,
"transaction_id": string | null,
"updated_at": string
            }
                          SetofOptions: {
        from: "*"
        to: "pack_orders"
        isOneToOne: true
        isSetofReturn: false
      } },
"settle_payout":
{ Args: { "outcome": string,"reason"?: string,"reference": string }; Returns: undefined
                           },
"settle_transaction":
{ Args: { "payout": Omit<Database["leads"]['Tables']["payouts"]['Row'], Database["leads"]['Tables']["payouts"]['ComputedFields']>,"status": string }; Returns: undefined
                           },
"shape_problems":
{ Args: { "given": Json,"known": (string)[] }; Returns: Json
                           },
"share_of":
{ Args: { "part_cents": number,"price_cents": number,"whole": number }; Returns: number
                           },
"share_of_given":
{ Args: { "credits": number,"given_credits": number,"share_cents": number }; Returns: number
                           },
"share_of_refund":
{ Args: { "amount_cents": number,"pack_order": Omit<Database["leads"]['Tables']["pack_orders"]['Row'], Database["leads"]['Tables']["pack_orders"]['ComputedFields']> }; Returns: Record<string, unknown>
                           },
"show_lead":
{ Args: { "reference": string }; Returns: Database["public"]['Views']["leads"]['Row']
                          SetofOptions: {
        from: "*"
        to: "leads"
        isOneToOne: true
        isSetofReturn: false
      } },
"show_pack":
{ Args: { "reference": string }; Returns: Json
                           },
"show_purchase":
{ Args: { "credits": number,"sale": Omit<Database["leads"]['Tables']["sales"]['Row'], Database["leads"]['Tables']["sales"]['ComputedFields']> }; Returns: Json
                           },
"show_rule":
{ Args: { "reference": string }; Returns: Json
                           },
"spelling_key":
{ Args: { "name": string }; Returns: string
                           },
"spells_name":
{ Args: { "email": string,"first_name": string,"last_name": string,"plain": string }; Returns: boolean
                           },
"split_name":
{ Args: { "first_name"?: string,"full_name": string }; Returns: (string)[]
                           },
"sum_refunds":
{ Args: { "order_id": string }; Returns: {
              "answer": Json | null,
"bonus": number,
"buyer_id": string,
"checkout_url": string | null,
"created_at": string,
"credits": number,
"credits_lost": number,
"id": string,
"pack_id": string,
"pack_name": string,
"pack_reference": string,
"pack_version": number,
"payment_id": string | null,
"payment_reference": string | null,
"price_cents": number,
"provider": string | null,
"provider_reference": string | null,
"reference": string,
"refund_reference": string | null,
"settled_at": string | null,
"status": string,
"transaction_id": string | null,
"updated_at": string
            }
                          SetofOptions: {
        from: "*"
        to: "pack_orders"
        isOneToOne: true
        isSetofReturn: false
      } },
"supplier_gains":
{ Args: { "supplier_id": string }; Returns: Record<string, unknown>
                           },
"supplier_of":
{ Args: { "id": string }; Returns: {
              "company": string,
"contact_name": string,
"created_at": string,
"email": string,
"iban_mask": string | null,
"id": string,
"last_payment_date": string | null,
"reference": string,
"status": string,
"updated_at": string,
"user_id": string | null
            }
                          SetofOptions: {
        from: "*"
        to: "suppliers"
        isOneToOne: true
        isSetofReturn: false
      } },
"supplier_of_new_lead":
{ Args: { "named": string }; Returns: string
                           },
"supplier_of_upload":
{ Args: { "named": string,"required": boolean }; Returns: string
                           },
"suppliers_of":
{ Args: { "email": string,"user_id": string }; Returns: (string)[]
                           },
"suspended_suppliers":
{ Args: Record<PropertyKey, never>; Returns: string[]
                           },
"take_back_order":
{ Args: { "amount": number,"key": string,"reference": string }; Returns: Json
                           },
"take_bonus_budget":
{ Args: { "budget": number,"cents": number }; Returns: number
                           },
"take_credits_back":
{ Args: { "buyer_id": string,"refund": Omit<Database["leads"]['Tables']["refunds"]['Row'], Database["leads"]['Tables']["refunds"]['ComputedFields']> }; Returns: {
              "amount_cents": number,
"bonus": number,
"bonus_lost": number,
"cause": string | null,
"created_at": string,
"credits": number,
"credits_lost": number,
"failed_at": string | null,
"id": string,
"kind": string,
"loss_undone": number,
"order_id": string,
"provider_reference": string | null,
"reference": string,
"status": string,
"transaction_id": string | null,
"updated_at": string
            }
                          SetofOptions: {
        from: "*"
        to: "refunds"
        isOneToOne: true
        isSetofReturn: false
      } },
"take_invoice_number":
{ Args: { "series": string }; Returns: Database["platform"]['Tables']["document_numbers"]['Row']
                          SetofOptions: {
        from: "*"
        to: "document_numbers"
        isOneToOne: true
        isSetofReturn: false
      } },
"take_lead_back":
{ Args: { "given": Omit<Database["leads"]['Tables']["returns"]['Row'], Database["leads"]['Tables']["returns"]['ComputedFields']> }; Returns: undefined
                           },
"take_payment_event":
{ Args: { "event": Json,"provider": string }; Returns: string
                           },
"telephone_of":
{ Args: { "written": string }; Returns: string
                           },
"telephones_of":
{ Args: { "written": string }; Returns: (string)[]
                           },
"tell_buyer_of_sale":
{ Args: { "credits_left": number,"lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']>,"price": Database["leads"]['CompositeTypes']["lead_price"] }; Returns: undefined
                           },
"tell_of_pair":
{ Args: { "sale": Omit<Database["leads"]['Tables']["sales"]['Row'], Database["leads"]['Tables']["sales"]['ComputedFields']> }; Returns: undefined
                           },
"tell_of_registration":
{ Args: { "user_id": string }; Returns: undefined
                           },
"tell_refund":
{ Args: { "pack_order": Omit<Database["leads"]['Tables']["pack_orders"]['Row'], Database["leads"]['Tables']["pack_orders"]['ComputedFields']>,"refund": Omit<Database["leads"]['Tables']["refunds"]['Row'], Database["leads"]['Tables']["refunds"]['ComputedFields']> }; Returns: undefined
                           },
"tell_supplier":
{ Args: { "lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']> }; Returns: undefined
                           },
"tell_supplier_of_sale":
{ Args: { "lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']>,"sale": Omit<Database["leads"]['Tables']["sales"]['Row'], Database["leads"]['Tables']["sales"]['ComputedFields']> }; Returns: undefined
                           },
"tell_to_erase":
{ Args: { "ids": (string)[] }; Returns: number
                           },
"tells_number":
{ Args: { "phones": (string)[],"plain": string }; Returns: boolean
                           },
"tells_place":
{ Args: { "plain": string }; Returns: boolean
                           },
"title_of":
{ Args: { "lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']> }; Returns: string
                           },
"told_refund":
{ Args: { "event": Json,"order_id": string }; Returns: {
              "amount_cents": number,
"bonus": number,
"bonus_lost": number,
"cause": string | null,
"created_at": string,
"credits": number,
"credits_lost": number,
"failed_at": string | null,
"id": string,
"kind": string,
"loss_undone": number,
"order_id": string,
"provider_reference": string | null,
"reference": string,
"status": string,
"transaction_id": string | null,
"updated_at": string
            }
                          SetofOptions: {
        from: "*"
        to: "refunds"
        isOneToOne: true
        isSetofReturn: false
      } },
"transaction_figures":
{ Args: { "amount_cents": number,"date": string,"status": string,"type": string }; Returns: Database["platform"]['CompositeTypes']["figure"][]
                          SetofOptions: {
        from: "*"
        to: "figure"
        isOneToOne: false
        isSetofReturn: true
      } },
"transaction_problems":
{ Args: Record<PropertyKey, never>; Returns: {
              "expected": number,"found": number,"problem": string,"subject": string
            }[]
                           },
"transfer_problems":
{ Args: Record<PropertyKey, never>; Returns: {
              "expected": number,"found": number,"problem": string,"subject": string
            }[]
                           },
"undo_import":
{ Args: { "reference": string }; Returns: Json
                           },
"unknown_suppliers":
{ Args: { "exemptions": Json }; Returns: Json
                           },
"unnamed_uploads":
{ Args: Record<PropertyKey, never>; Returns: {
              "created_at": string,"path": string
            }[]
                           },
"update_imported_leads":
{ Args: { "import_id": string }; Returns: undefined
                           },
"upload_place":
{ Args: { "named": string }; Returns: string
                           },
"vat_percent_problems":
{ Args: { "value": Json }; Returns: Json
                           },
"verify_rollups":
{ Args: Record<PropertyKey, never>; Returns: {
              "counted": number,"kept": number,"metric": string,"month": string,"subject": string
            }[]
                           },
"versions_of":
{ Args: { "relation": string,"row_id": string }; Returns: {
              "changedBy": string,"content": Json,"validFrom": string,"version": number
            }[]
                           },
"virement":
{ Args: { "payout": Omit<Database["leads"]['Tables']["payouts"]['Row'], Database["leads"]['Tables']["payouts"]['ComputedFields']> }; Returns: Json
                           },
"wants_review":
{ Args: { "invalid": number,"read": number }; Returns: boolean
                           },
"welcome_buyer":
{ Args: { "user_id": string }; Returns: undefined
                           },
"why_lead_stays":
{ Args: { "import_time": string,"lead": Omit<Database["leads"]['Tables']["leads"]['Row'], Database["leads"]['Tables']["leads"]['ComputedFields']> }; Returns: string
                           },
"why_no_lead":
{ Args: { "calling": Database["leads"]['CompositeTypes']["calling"] }; Returns: Record<string, unknown>
                           },
"withdraw_lead":
{ Args: { "expected": string,"reference": string }; Returns: undefined
                           },
"work_rule":
{ Args: { "name": string }; Returns: Json
                           },
"works_on_leads":
{ Args: Record<PropertyKey, never>; Returns: boolean
                           },
"write_billing_details":
{ Args: { "given": Json }; Returns: undefined
                           },
"write_billing_settings":
{ Args: { "given": Json }; Returns: undefined
                           },
"write_calling_rules":
{ Args: { "given": Json }; Returns: undefined
                           },
"write_pack":
{ Args: { "expected": string,"given": Json,"reference": string }; Returns: string
                           },
"written_time":
{ Args: { "month_first"?: boolean,"written": string }; Returns: string
                           }
          }
          Enums: {
            [_ in never]: never
          }
          CompositeTypes: {
            "calling": {
                        "at": string | null,"rule": Json | null,"regions": (string)[] | null,"bases": (string)[] | null
                      },"checked_lead": {
                        "first_name": string | null,"last_name": string | null,"email": string | null,"phone": string | null,"phone2": string | null,"company": string | null,"sector": string | null,"region": string | null,"city": string | null,"source": string | null,"channel": string | null,"score": number | null,"price_cents": number | null,"is_exclusive": boolean | null,"notes": string | null,"summary": string | null,"collected_at": string | null
                      },"import_counts": {
                        "read": number | null,"invalid": number | null,"inserted": number | null,"updated": number | null,"in_file": number | null,"of_supplier": number | null,"sold": number | null,"on_platform": number | null,"with_consent": number | null
                      },"lead_price": {
                        "credits": number | null,"price_cents": number | null,"supplier_share_cents": number | null,"places": number | null,"return_until": string | null,"rules": Json | null
                      }
          }
        },"platform": {
          Tables: {
            "api_keys": {
                  Row: {
                    "created_at": string,"created_by": string | null,"expires_at": string | null,"hash": string,"id": string,"last_used_on": string | null,"name": string,"prefix": string,"revoked_at": string | null,"revoked_by": string | null,"scopes": (string)[],"system": string,"show_api_key": Json | null
                  }
                  ComputedFields: "show_api_key"
                  Insert: {
                    "created_at"?: string,"created_by"?: string | null,"expires_at"?: string | null,"hash": string,"id"?: string,"last_used_on"?: string | null,"name": string,"prefix": string,"revoked_at"?: string | null,"revoked_by"?: string | null,"scopes": (string)[],"system": string
                  }
                  Update: {
                    "created_at"?: string,"created_by"?: string | null,"expires_at"?: string | null,"hash"?: string,"id"?: string,"last_used_on"?: string | null,"name"?: string,"prefix"?: string,"revoked_at"?: string | null,"revoked_by"?: string | null,"scopes"?: (string)[],"system"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "api_keys_system_fkey"
      columns: ["system"]
isOneToOne: false
      referencedRelation: "systems"
      referencedColumns: ["system"]
    }
                  ]
                },"audit_chains": {
                  Row: {
                    "chain": number,"head": string,"length": number
                  }
                  ComputedFields: never
                  Insert: {
                    "chain": number,"head"?: string,"length"?: number
                  }
                  Update: {
                    "chain"?: number,"head"?: string,"length"?: number
                  }
                  Relationships: [
                    
                  ]
                },"audit_log": {
                  Row: {
                    "actor": string | null,"after": Json | null,"at": string,"before": Json | null,"chain": number,"hash": string,"operation": string,"position": number,"relation": string,"role": string,"row_key": string,"audit_cursor": string | null
                  }
                  ComputedFields: "audit_cursor"
                  Insert: {
                    "actor"?: string | null,"after"?: Json | null,"at": string,"before"?: Json | null,"chain": number,"hash": string,"operation": string,"position": number,"relation": string,"role": string,"row_key": string
                  }
                  Update: {
                    "actor"?: string | null,"after"?: Json | null,"at"?: string,"before"?: Json | null,"chain"?: number,"hash"?: string,"operation"?: string,"position"?: number,"relation"?: string,"role"?: string,"row_key"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "audit_log_chain_fkey"
      columns: ["chain"]
isOneToOne: false
      referencedRelation: "audit_chains"
      referencedColumns: ["chain"]
    }
                  ]
                },"deliveries": {
                  Row: {
                    "attempts": number,"available_at": string,"created_at": string,"deliver_before": string | null,"delivered_at": string | null,"endpoint_id": string | null,"error": string | null,"event_id": string | null,"failed_at": string | null,"id": string,"kind": string,"lane": string,"payload": NonNullable<Json>,"system": string,"topic": string
                  }
                  ComputedFields: never
                  Insert: {
                    "attempts"?: number,"available_at"?: string,"created_at"?: string,"deliver_before"?: string | null,"delivered_at"?: string | null,"endpoint_id"?: string | null,"error"?: string | null,"event_id"?: string | null,"failed_at"?: string | null,"id"?: string,"kind": string,"lane"?: never,"payload": NonNullable<Json>,"system": string,"topic": string
                  }
                  Update: {
                    "attempts"?: number,"available_at"?: string,"created_at"?: string,"deliver_before"?: string | null,"delivered_at"?: string | null,"endpoint_id"?: string | null,"error"?: string | null,"event_id"?: string | null,"failed_at"?: string | null,"id"?: string,"kind"?: string,"lane"?: never,"payload"?: NonNullable<Json>,"system"?: string,"topic"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "deliveries_endpoint_id_fkey"
      columns: ["endpoint_id"]
isOneToOne: false
      referencedRelation: "webhook_endpoints"
      referencedColumns: ["id"]
    }
                  ]
                },"document_numbers": {
                  Row: {
                    "last_day": string,"last_number": number,"series": string,"system": string,"year": number
                  }
                  ComputedFields: never
                  Insert: {
                    "last_day": string,"last_number": number,"series": string,"system": string,"year": number
                  }
                  Update: {
                    "last_day"?: string,"last_number"?: number,"series"?: string,"system"?: string,"year"?: number
                  }
                  Relationships: [
                    
                  ]
                },"idempotency_keys": {
                  Row: {
                    "answer": Json | null,"body_hash": string,"created_at": string,"key": string,"operation": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "answer"?: Json | null,"body_hash": string,"created_at"?: string,"key": string,"operation": string,"user_id": string
                  }
                  Update: {
                    "answer"?: Json | null,"body_hash"?: string,"created_at"?: string,"key"?: string,"operation"?: string,"user_id"?: string
                  }
                  Relationships: [
                    
                  ]
                },"known_devices": {
                  Row: {
                    "device": string,"seen_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "device": string,"seen_at"?: string
                  }
                  Update: {
                    "device"?: string,"seen_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"ledger_account_kinds": {
                  Row: {
                    "description": string,"guarded": boolean,"kind": string,"system": string,"unit": string
                  }
                  ComputedFields: never
                  Insert: {
                    "description": string,"guarded"?: boolean,"kind": string,"system": string,"unit": string
                  }
                  Update: {
                    "description"?: string,"guarded"?: boolean,"kind"?: string,"system"?: string,"unit"?: string
                  }
                  Relationships: [
                    
                  ]
                },"ledger_accounts": {
                  Row: {
                    "created_at": string,"id": string,"kind": string,"owner": string,"system": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"id"?: string,"kind": string,"owner": string,"system": string
                  }
                  Update: {
                    "created_at"?: string,"id"?: string,"kind"?: string,"owner"?: string,"system"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "ledger_accounts_system_kind_fkey"
      columns: ["system","kind"]
isOneToOne: false
      referencedRelation: "ledger_account_kinds"
      referencedColumns: ["system","kind"]
    }
                  ]
                },"ledger_balances": {
                  Row: {
                    "account_id": string,"balance": number,"entries": number,"guarded": boolean,"slot": number
                  }
                  ComputedFields: never
                  Insert: {
                    "account_id": string,"balance"?: number,"entries"?: number,"guarded": boolean,"slot"?: number
                  }
                  Update: {
                    "account_id"?: string,"balance"?: number,"entries"?: number,"guarded"?: boolean,"slot"?: number
                  }
                  Relationships: [
                    {
      foreignKeyName: "ledger_balances_account_id_fkey"
      columns: ["account_id"]
isOneToOne: false
      referencedRelation: "ledger_accounts"
      referencedColumns: ["id"]
    }
                  ]
                },"ledger_entries": {
                  Row: {
                    "account_id": string,"amount": number,"balance": number | null,"number": number | null,"transfer_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "account_id": string,"amount": number,"balance"?: number | null,"number"?: number | null,"transfer_id": string
                  }
                  Update: {
                    "account_id"?: string,"amount"?: number,"balance"?: number | null,"number"?: number | null,"transfer_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "ledger_entries_transfer_id_fkey"
      columns: ["transfer_id"]
isOneToOne: false
      referencedRelation: "ledger_transfers"
      referencedColumns: ["id"]
    }
                  ]
                },"ledger_transfers": {
                  Row: {
                    "actor": string | null,"created_at": string,"id": string,"key": string,"kind": string,"reverses": string | null,"system": string
                  }
                  ComputedFields: never
                  Insert: {
                    "actor"?: string | null,"created_at"?: string,"id"?: string,"key": string,"kind": string,"reverses"?: string | null,"system": string
                  }
                  Update: {
                    "actor"?: string | null,"created_at"?: string,"id"?: string,"key"?: string,"kind"?: string,"reverses"?: string | null,"system"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "ledger_transfers_reverses_fkey"
      columns: ["reverses"]
isOneToOne: true
      referencedRelation: "ledger_transfers"
      referencedColumns: ["id"]
    }
                  ]
                },"memberships": {
                  Row: {
                    "created_at": string,"role": string,"status": string,"system": string,"updated_at": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"role": string,"status"?: string,"system": string,"updated_at"?: string,"user_id": string
                  }
                  Update: {
                    "created_at"?: string,"role"?: string,"status"?: string,"system"?: string,"updated_at"?: string,"user_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "memberships_system_role_fkey"
      columns: ["system","role"]
isOneToOne: false
      referencedRelation: "system_roles"
      referencedColumns: ["system","role"]
    },{
      foreignKeyName: "memberships_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"notifications": {
                  Row: {
                    "about": string | null,"created_at": string,"id": string,"message": string,"read": boolean,"reference": string,"system": string,"title": string,"type": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "about"?: string | null,"created_at"?: string,"id"?: string,"message": string,"read"?: boolean,"reference"?: string,"system": string,"title": string,"type": string,"user_id": string
                  }
                  Update: {
                    "about"?: string | null,"created_at"?: string,"id"?: string,"message"?: string,"read"?: boolean,"reference"?: string,"system"?: string,"title"?: string,"type"?: string,"user_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "notifications_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"opening_figures": {
                  Row: {
                    "figure": string,"label": string | null,"month": string,"subject": string,"system": string,"value": number
                  }
                  ComputedFields: never
                  Insert: {
                    "figure": string,"label"?: string | null,"month"?: string,"subject"?: string,"system": string,"value": number
                  }
                  Update: {
                    "figure"?: string,"label"?: string | null,"month"?: string,"subject"?: string,"system"?: string,"value"?: number
                  }
                  Relationships: [
                    
                  ]
                },"outbox": {
                  Row: {
                    "created_at": string,"delivered_at": string | null,"id": string,"payload": NonNullable<Json>,"system": string,"topic": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"delivered_at"?: string | null,"id"?: string,"payload": NonNullable<Json>,"system": string,"topic": string
                  }
                  Update: {
                    "created_at"?: string,"delivered_at"?: string | null,"id"?: string,"payload"?: NonNullable<Json>,"system"?: string,"topic"?: string
                  }
                  Relationships: [
                    
                  ]
                },"profiles": {
                  Row: {
                    "avatar": string | null,"bio": string | null,"company": string | null,"created_at": string,"display_name": string | null,"email": string,"erased_at": string | null,"first_name": string,"id": string,"last_name": string,"phone": string | null,"proven_at": string | null,"reference": string | null,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "avatar"?: string | null,"bio"?: string | null,"company"?: string | null,"created_at"?: string,"display_name"?: string | null,"email": string,"erased_at"?: string | null,"first_name"?: string,"id": string,"last_name"?: string,"phone"?: string | null,"proven_at"?: string | null,"reference"?: string | null,"updated_at"?: string
                  }
                  Update: {
                    "avatar"?: string | null,"bio"?: string | null,"company"?: string | null,"created_at"?: string,"display_name"?: string | null,"email"?: string,"erased_at"?: string | null,"first_name"?: string,"id"?: string,"last_name"?: string,"phone"?: string | null,"proven_at"?: string | null,"reference"?: string | null,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"rate_limit_attempts": {
                  Row: {
                    "bucket": string,"expires_at": string,"taken": (string)[]
                  }
                  ComputedFields: never
                  Insert: {
                    "bucket": string,"expires_at": string,"taken"?: (string)[]
                  }
                  Update: {
                    "bucket"?: string,"expires_at"?: string,"taken"?: (string)[]
                  }
                  Relationships: [
                    
                  ]
                },"rate_limit_rules": {
                  Row: {
                    "allowed": number,"description": string,"name": string,"period": string,"system": string,"updated_at": string
                  }
                  ComputedFields: never
                  Insert: {
                    "allowed": number,"description": string,"name": string,"period": string,"system": string,"updated_at"?: string
                  }
                  Update: {
                    "allowed"?: number,"description"?: string,"name"?: string,"period"?: string,"system"?: string,"updated_at"?: string
                  }
                  Relationships: [
                    
                  ]
                },"registrations": {
                  Row: {
                    "applied_at": string | null,"profile": NonNullable<Json>,"requested_at": string,"role": string,"system": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "applied_at"?: string | null,"profile": NonNullable<Json>,"requested_at"?: string,"role": string,"system": string,"user_id": string
                  }
                  Update: {
                    "applied_at"?: string | null,"profile"?: NonNullable<Json>,"requested_at"?: string,"role"?: string,"system"?: string,"user_id"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "registrations_system_role_fkey"
      columns: ["system","role"]
isOneToOne: false
      referencedRelation: "system_roles"
      referencedColumns: ["system","role"]
    },{
      foreignKeyName: "registrations_user_id_fkey"
      columns: ["user_id"]
isOneToOne: false
      referencedRelation: "profiles"
      referencedColumns: ["id"]
    }
                  ]
                },"retention_rules": {
                  Row: {
                    "checked_at": string,"condition": string,"relation": string,"since": string,"term": string
                  }
                  ComputedFields: never
                  Insert: {
                    "checked_at"?: string,"condition"?: string,"relation": string,"since": string,"term": string
                  }
                  Update: {
                    "checked_at"?: string,"condition"?: string,"relation"?: string,"since"?: string,"term"?: string
                  }
                  Relationships: [
                    
                  ]
                },"rollups": {
                  Row: {
                    "metric": string,"month": string,"slot": number,"subject": string,"system": string,"value": number
                  }
                  ComputedFields: never
                  Insert: {
                    "metric": string,"month"?: string,"slot": number,"subject"?: string,"system": string,"value": number
                  }
                  Update: {
                    "metric"?: string,"month"?: string,"slot"?: number,"subject"?: string,"system"?: string,"value"?: number
                  }
                  Relationships: [
                    
                  ]
                },"row_versions": {
                  Row: {
                    "changed_by": string | null,"content": NonNullable<Json>,"relation": string,"row_id": string,"valid_from": string,"version": number
                  }
                  ComputedFields: never
                  Insert: {
                    "changed_by"?: string | null,"content": NonNullable<Json>,"relation": string,"row_id": string,"valid_from"?: string,"version": number
                  }
                  Update: {
                    "changed_by"?: string | null,"content"?: NonNullable<Json>,"relation"?: string,"row_id"?: string,"valid_from"?: string,"version"?: number
                  }
                  Relationships: [
                    
                  ]
                },"session_handles": {
                  Row: {
                    "created_at": string,"expires_at": string,"hash": string,"sealed_session": string,"session_id": string,"user_id": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"expires_at": string,"hash": string,"sealed_session": string,"session_id": string,"user_id": string
                  }
                  Update: {
                    "created_at"?: string,"expires_at"?: string,"hash"?: string,"sealed_session"?: string,"session_id"?: string,"user_id"?: string
                  }
                  Relationships: [
                    
                  ]
                },"settings": {
                  Row: {
                    "description": string,"id": string,"is_open": boolean,"problems": string | null,"section": string,"system": string,"updated_at": string,"updated_by": string | null,"value": NonNullable<Json>,"version": number
                  }
                  ComputedFields: never
                  Insert: {
                    "description": string,"id"?: string,"is_open"?: boolean,"problems"?: string | null,"section": string,"system": string,"updated_at"?: string,"updated_by"?: string | null,"value": NonNullable<Json>,"version"?: number
                  }
                  Update: {
                    "description"?: string,"id"?: string,"is_open"?: boolean,"problems"?: string | null,"section"?: string,"system"?: string,"updated_at"?: string,"updated_by"?: string | null,"value"?: NonNullable<Json>,"version"?: number
                  }
                  Relationships: [
                    {
      foreignKeyName: "settings_system_fkey"
      columns: ["system"]
isOneToOne: false
      referencedRelation: "systems"
      referencedColumns: ["system"]
    }
                  ]
                },"shared_mail_domains": {
                  Row: {
                    "domain": string
                  }
                  ComputedFields: never
                  Insert: {
                    "domain": string
                  }
                  Update: {
                    "domain"?: string
                  }
                  Relationships: [
                    
                  ]
                },"system_roles": {
                  Row: {
                    "administers": boolean,"description": string,"needs_acceptance": boolean,"rank": number,"role": string,"self_registration": boolean,"system": string
                  }
                  ComputedFields: never
                  Insert: {
                    "administers"?: boolean,"description": string,"needs_acceptance"?: boolean,"rank"?: number,"role": string,"self_registration"?: boolean,"system": string
                  }
                  Update: {
                    "administers"?: boolean,"description"?: string,"needs_acceptance"?: boolean,"rank"?: number,"role"?: string,"self_registration"?: boolean,"system"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "system_roles_system_fkey"
      columns: ["system"]
isOneToOne: false
      referencedRelation: "systems"
      referencedColumns: ["system"]
    }
                  ]
                },"systems": {
                  Row: {
                    "account_details": string | null,"account_named": string | null,"member_details": string | null,"on_member": string | null,"system": string
                  }
                  ComputedFields: never
                  Insert: {
                    "account_details"?: string | null,"account_named"?: string | null,"member_details"?: string | null,"on_member"?: string | null,"system": string
                  }
                  Update: {
                    "account_details"?: string | null,"account_named"?: string | null,"member_details"?: string | null,"on_member"?: string | null,"system"?: string
                  }
                  Relationships: [
                    
                  ]
                },"webhook_endpoints": {
                  Row: {
                    "created_at": string,"description": string,"events": (string)[],"id": string,"status": string,"system": string,"updated_at": string,"url": string
                  }
                  ComputedFields: never
                  Insert: {
                    "created_at"?: string,"description"?: string,"events"?: (string)[],"id": string,"status"?: string,"system": string,"updated_at"?: string,"url": string
                  }
                  Update: {
                    "created_at"?: string,"description"?: string,"events"?: (string)[],"id"?: string,"status"?: string,"system"?: string,"updated_at"?: string,"url"?: string
                  }
                  Relationships: [
                    
                  ]
                },"webhook_secrets": {
                  Row: {
                    "endpoint_id": string,"sealed_secret": string
                  }
                  ComputedFields: never
                  Insert: {
                    "endpoint_id": string,"sealed_secret": string
                  }
                  Update: {
                    "endpoint_id"?: string,"sealed_secret"?: string
                  }
                  Relationships: [
                    {
      foreignKeyName: "webhook_secrets_endpoint_id_fkey"
      columns: ["endpoint_id"]
isOneToOne: true
      referencedRelation: "webhook_endpoints"
      referencedColumns: ["id"]
    }
                  ]
                }
          }
          Views: {
            [_ in never]: never
          }
          Functions: {
            "accept_api_key":
{ Args: { "key": string,"system": string }; Returns: Json
                           },
"accept_attempts":
{ Args: { "rules": (string)[],"subjects": (string)[],"system": string }; Returns: undefined
                           },
"account_named":
{ Args: { "identifier": string,"system": string }; Returns: string
                           },
"account_of":
{ Args: { "system": string,"user_id": string }; Returns: Json
                           },
"add_figures":
{ Args: { "figures": (Database["platform"]['CompositeTypes']["figure"])[],"system": string }; Returns: undefined
                           },
"add_member":
{ Args: { "profile": Json,"role": string,"system": string,"user_id": string }; Returns: Json
                           },
"add_webhook":
{ Args: { "description"?: string,"events": (string)[],"id": string,"sealed_secret": string,"system": string,"url": string }; Returns: undefined
                           },
"administers":
{ Args: { "user_id": string }; Returns: boolean
                           },
"administers_all":
{ Args: Record<PropertyKey, never>; Returns: boolean
                           },
"amount_text":
{ Args: { "cents": number }; Returns: string
                           },
"apply_registrations":
{ Args: { "before": string,"is_new": boolean,"since": string,"user_id": string }; Returns: number
                           },
"are_scopes":
{ Args: { "scopes": (string)[] }; Returns: boolean
                           },
"ascii_domain":
{ Args: { "domain": string }; Returns: string
                           },
"ask_to_join":
{ Args: { "email": string,"profile": Json,"role": string,"system": string }; Returns: boolean
                           },
"attempt_bucket":
{ Args: { "rule": string,"subject": string,"system": string }; Returns: string
                           },
"attempts_of":
{ Args: { "rules": (string)[],"subjects": (string)[],"system": string }; Returns: {
              "allowed": number,"bucket": string,"period": string,"rule": string
            }[]
                           },
"audit":
{ Args: { "hidden"?: (string)[],"key"?: string,"target": unknown }; Returns: undefined
                           },
"audit_cursor":
{ Args: { "entry": Omit<Database["platform"]['Tables']["audit_log"]['Row'], Database["platform"]['Tables']["audit_log"]['ComputedFields']> }; Returns: string
                           },
"audit_entries":
{ Args: { "after_entry"?: string,"entries"?: number,"relation"?: string,"row_key"?: string,"since"?: string,"system": string,"until"?: string }; Returns: {
              "actor": string | null,
"after": Json | null,
"at": string,
"before": Json | null,
"chain": number,
"hash": string,
"operation": string,
"position": number,
"relation": string,
"role": string,
"row_key": string
            }[]
                          SetofOptions: {
        from: "*"
        to: "audit_log"
        isOneToOne: false
        isSetofReturn: true
      } },
"audit_hash":
{ Args: { "entry": Omit<Database["platform"]['Tables']["audit_log"]['Row'], Database["platform"]['Tables']["audit_log"]['ComputedFields']>,"previous": string }; Returns: string
                           },
"audit_page":
{ Args: { "after_entry": string,"entries": number,"relation": string,"row_key": string,"since": string,"system": string,"until": string }; Returns: Json
                           },
"audit_verify":
{ Args: Record<PropertyKey, never>; Returns: {
              "chain": number,"position": number,"reason": string
            }[]
                           },
"authorize_realtime":
{ Args: Record<PropertyKey, never>; Returns: boolean
                           },
"begin_erasure":
{ Args: { "user_id": string }; Returns: boolean
                           },
"caller_id":
{ Args: Record<PropertyKey, never>; Returns: string
                           },
"camel_keys":
{ Args: { "given": Json,"kept": (string)[] }; Returns: Json
                           },
"change_member_role":
{ Args: { "role": string,"system": string,"user_id": string }; Returns: Json
                           },
"change_member_status":
{ Args: { "status": string,"system": string,"user_id": string }; Returns: Json
                           },
"change_rate_limit":
{ Args: { "allowed": number,"id": string,"period_seconds": number,"system": string }; Returns: undefined
                           },
"change_role":
{ Args: { "role": string,"system": string,"user_id": string }; Returns: undefined
                           },
"change_setting":
{ Args: { "if_match"?: string,"section": string,"system": string,"value": Json }; Returns: undefined
                           },
"check_new_member":
{ Args: { "email": string,"role": string,"system": string }; Returns: undefined
                           },
"check_request":
{ Args: Record<PropertyKey, never>; Returns: undefined
                           },
"check_rules":
{ Args: { "target": unknown }; Returns: undefined
                           },
"check_self_registration":
{ Args: { "role": string,"system": string }; Returns: undefined
                           },
"claim_idempotency_key":
{ Args: { "body": Json,"key": string,"operation": string }; Returns: Json
                           },
"clean_text":
{ Args: { "several_lines"?: boolean,"value": string }; Returns: string
                           },
"compact_iban":
{ Args: { "iban": string }; Returns: string
                           },
"compact_number":
{ Args: { "number": string }; Returns: string
                           },
"complete_profile":
{ Args: { "profile": Json,"user_id": string }; Returns: undefined
                           },
"delivery_pause":
{ Args: { "attempts": number }; Returns: string
                           },
"details_of":
{ Args: { "kind": string,"system": string,"user_ids": (string)[] }; Returns: {
              "details": Json,"user_id": string
            }[]
                           },
"discard_unproven":
{ Args: { "email": string,"system": string }; Returns: undefined
                           },
"easter_sunday":
{ Args: { "year": number }; Returns: string
                           },
"emit":
{ Args: { "payload": Json,"system": string,"topic": string }; Returns: undefined
                           },
"erase_account":
{ Args: { "user_id": string }; Returns: (string)[]
                           },
"erase_from_auth":
{ Args: { "email": string,"user_id": string }; Returns: (string)[]
                           },
"erased_email":
{ Args: { "user_id": string }; Returns: string
                           },
"euros":
{ Args: { "cents": number }; Returns: number
                           },
"ever":
{ Args: Record<PropertyKey, never>; Returns: string
                           },
"fail":
{ Args: { "hint"?: string,"message": string,"slug": string,"status": number }; Returns: undefined
                           },
"field_problem":
{ Args: { "code": string,"field": string,"message": string }; Returns: Json
                           },
"fill_profile":
{ Args: { "profile": Json,"user_id": string }; Returns: undefined
                           },
"fold":
{ Args: { "value": string }; Returns: string
                           },
"forget_attempts":
{ Args: { "rules": (string)[],"subjects": (string)[],"system": string }; Returns: undefined
                           },
"found":
{ Args: { "target": unknown,"words": string }; Returns: string[]
                           },
"french_number":
{ Args: { "value": number }; Returns: string
                           },
"french_vat_holds":
{ Args: { "number": string }; Returns: boolean
                           },
"from_punycode":
{ Args: { "code": string }; Returns: string
                           },
"has_role":
{ Args: { "role": string,"system": string }; Returns: boolean
                           },
"held_about":
{ Args: { "system"?: string,"user_id": string }; Returns: Json
                           },
"held_in":
{ Args: { "ids": Json,"places": (Database["platform"]['CompositeTypes']["personal_place"])[],"system"?: string }; Returns: Json
                           },
"hidden_columns":
{ Args: { "relation": string }; Returns: (string)[]
                           },
"iban_length":
{ Args: { "country": string }; Returns: number
                           },
"iban_problem":
{ Args: { "iban": string }; Returns: string
                           },
"iban_remainder":
{ Args: { "iban": string }; Returns: number
                           },
"is_admin":
{ Args: { "system": string }; Returns: boolean
                           },
"is_bic":
{ Args: { "bic": string }; Returns: boolean
                           },
"is_elsewhere":
{ Args: { "system": string,"user_id": string }; Returns: boolean
                           },
"is_number":
{ Args: { "decimals": number,"highest": number,"lowest": number,"value": Json }; Returns: boolean
                           },
"is_proven":
{ Args: { "user_id": string }; Returns: boolean
                           },
"is_sepa_iban":
{ Args: { "iban": string }; Returns: boolean
                           },
"is_target_day":
{ Args: { "day": string }; Returns: boolean
                           },
"is_text":
{ Args: { "longest": number,"value": Json }; Returns: boolean
                           },
"is_webhook_url":
{ Args: { "url": string }; Returns: boolean
                           },
"is_within":
{ Args: { "system": string,"user_id": string }; Returns: boolean
                           },
"iso_timestamp":
{ Args: { "at": string }; Returns: string
                           },
"keep_an_admin":
{ Args: { "system": string,"without": string }; Returns: undefined
                           },
"keep_answer":
{ Args: { "answer": Json,"key": string,"operation": string }; Returns: Json
                           },
"keep_registration":
{ Args: { "profile": Json,"role": string,"system": string,"user_id": string }; Returns: undefined
                           },
"keep_versions":
{ Args: { "target": unknown }; Returns: undefined
                           },
"kept":
{ Args: { "metric": string,"subject"?: string,"system": string }; Returns: number
                           },
"kept_in":
{ Args: { "places": (Database["platform"]['CompositeTypes']["personal_place"])[] }; Returns: Json
                           },
"ledger_balance":
{ Args: { "kind": string,"owner"?: string,"system": string }; Returns: number
                           },
"ledger_problems":
{ Args: Record<PropertyKey, never>; Returns: {
              "expected": number,"found": number,"problem": string,"subject": string
            }[]
                           },
"like_pattern":
{ Args: { "value": string }; Returns: string
                           },
"list_api_keys":
{ Args: { "system": string }; Returns: Json[]
                           },
"lock_balances":
{ Args: { "owner": string,"system": string }; Returns: {
              "balance": number,"kind": string
            }[]
                           },
"luhn_holds":
{ Args: { "digits": string }; Returns: boolean
                           },
"main_role":
{ Args: { "system": string,"user_id": string }; Returns: string
                           },
"make_api_key":
{ Args: { "expires_at"?: string,"name": string,"scopes": (string)[],"system": string }; Returns: Json
                           },
"mark_delivered":
{ Args: { "deliveries": (string)[] }; Returns: undefined
                           },
"mark_failed":
{ Args: { "attempt": number,"delivery": string,"error": string,"final"?: boolean }; Returns: boolean
                           },
"mask_email":
{ Args: { "email": string }; Returns: string
                           },
"mask_iban":
{ Args: { "iban": string }; Returns: string
                           },
"mask_last_name":
{ Args: { "last_name": string }; Returns: string
                           },
"mask_phone":
{ Args: { "phone": string }; Returns: string
                           },
"member":
{ Args: { "system": string,"user_id": string }; Returns: Json
                           },
"member_named":
{ Args: { "id": string,"system": string }; Returns: string
                           },
"member_rows":
{ Args: { "only_id": string,"page_offset": number,"page_size": number,"role_filter": string,"search": string,"system": string }; Returns: Json[]
                           },
"member_status":
{ Args: { "email_confirmed_at": string,"system": string,"user_id": string }; Returns: string
                           },
"members":
{ Args: { "page_offset": number,"page_size": number,"role_filter": string,"search": string,"system": string }; Returns: Json[]
                           },
"month_label":
{ Args: { "month": string }; Returns: string
                           },
"monthly":
{ Args: { "metrics": (string)[],"subject"?: string,"system": string }; Returns: {
              "label": string,"metric": string,"month": string,"value": number
            }[]
                           },
"my_account":
{ Args: { "system": string }; Returns: Json
                           },
"names_address":
{ Args: { "email": string,"said": string }; Returns: boolean
                           },
"needs_bic":
{ Args: { "iban": string }; Returns: boolean
                           },
"network_of":
{ Args: { "address": string }; Returns: string
                           },
"next_target_day":
{ Args: { "day": string }; Returns: string
                           },
"note_proof":
{ Args: { "user_id": string }; Returns: boolean
                           },
"notify":
{ Args: { "about"?: string,"message": string,"system": string,"title": string,"type": string,"user_id": string }; Returns: undefined
                           },
"open_accounts":
{ Args: { "lines": (Database["platform"]['CompositeTypes']["ledger_line"])[],"system": string }; Returns: undefined
                           },
"opening":
{ Args: { "figure": string,"month"?: string,"subject"?: string,"system": string }; Returns: number
                           },
"own_mail_domain":
{ Args: { "email": string }; Returns: string
                           },
"own_webhook":
{ Args: { "id": string }; Returns: {
              "created_at": string,
"description": string,
"events": (string)[],
"id": string,
"status": string,
"system": string,
"updated_at": string,
"url": string
            }
                          SetofOptions: {
        from: "*"
        to: "webhook_endpoints"
        isOneToOne: true
        isSetofReturn: false
      } },
"paris_month":
{ Args: { "at": string }; Returns: string
                           },
"paris_today":
{ Args: Record<PropertyKey, never>; Returns: string
                           },
"personal_data":
{ Args: Record<PropertyKey, never>; Returns: Database["platform"]['CompositeTypes']["personal_place"][]
                          SetofOptions: {
        from: "*"
        to: "personal_place"
        isOneToOne: false
        isSetofReturn: true
      } },
"places_for":
{ Args: { "system": string,"user_id": string }; Returns: (Database["platform"]['CompositeTypes']["personal_place"])[]
                           },
"policy_predicate":
{ Args: { "target": unknown }; Returns: string
                           },
"post_transfer":
{ Args: { "key": string,"kind": string,"lines": (Database["platform"]['CompositeTypes']["ledger_line"])[],"reverses"?: string,"system": string }; Returns: string
                           },
"publish":
{ Args: { "deletes"?: boolean,"inserts"?: (string)[],"readers"?: (string)[],"view": unknown,"writes"?: (string)[] }; Returns: undefined
                           },
"punycode":
{ Args: { "label": string }; Returns: string
                           },
"punycode_bias":
{ Args: { "delta": number,"first": boolean,"points": number }; Returns: number
                           },
"refuse_costly_query":
{ Args: Record<PropertyKey, never>; Returns: boolean
                           },
"refuse_fields":
{ Args: { "problems": Json }; Returns: undefined
                           },
"refuse_parameter":
{ Args: { "field": string,"message": string }; Returns: undefined
                           },
"refuse_suspended":
{ Args: { "system": string }; Returns: boolean
                           },
"register":
{ Args: { "profile": Json,"role": string,"system": string,"user_id": string }; Returns: undefined
                           },
"register_again":
{ Args: { "email": string,"profile": Json,"role": string,"system": string }; Returns: boolean
                           },
"register_member":
{ Args: { "role": string,"system": string,"user_id": string }; Returns: undefined
                           },
"release_attempts":
{ Args: { "rules": (string)[],"subjects": (string)[],"system": string }; Returns: undefined
                           },
"remove_one_by_one":
{ Args: { "batch": number,"rule": Omit<Database["platform"]['Tables']["retention_rules"]['Row'], Database["platform"]['Tables']["retention_rules"]['ComputedFields']> }; Returns: number
                           },
"remove_outdated":
{ Args: { "batch"?: number,"rest"?: string }; Returns: Json
                           },
"remove_webhook":
{ Args: { "id": string }; Returns: undefined
                           },
"require_admin":
{ Args: { "system": string }; Returns: boolean
                           },
"require_attempt":
{ Args: { "rule": string,"subject": string,"system": string }; Returns: undefined
                           },
"require_caller":
{ Args: Record<PropertyKey, never>; Returns: undefined
                           },
"require_member":
{ Args: { "system": string }; Returns: boolean
                           },
"require_proven":
{ Args: { "user_id": string }; Returns: undefined
                           },
"require_role":
{ Args: { "roles": (string)[],"system": string }; Returns: boolean
                           },
"require_within":
{ Args: { "system": string,"user_id": string }; Returns: undefined
                           },
"retain":
{ Args: { "condition"?: string,"since": string,"target": unknown,"term": string }; Returns: undefined
                           },
"retry_delivery":
{ Args: { "id": string }; Returns: undefined
                           },
"reverse_transfer":
{ Args: { "key": string,"kind": string,"transfer": string }; Returns: string
                           },
"revoke_api_key":
{ Args: { "id": string,"system": string }; Returns: Json
                           },
"roles_of_system":
{ Args: { "administering": boolean,"system": string }; Returns: (string)[]
                           },
"schedule_outbox":
{ Args: { "every"?: string,"key": string,"url": string }; Returns: boolean
                           },
"searched_text":
{ Args: { "company": string,"email": string,"first_name": string,"last_name": string }; Returns: string
                           },
"send_message":
{ Args: { "deliver_before"?: string,"kind": string,"payload": Json,"system": string,"topic": string }; Returns: string
                           },
"session_is_over":
{ Args: Record<PropertyKey, never>; Returns: boolean
                           },
"set_member_status":
{ Args: { "status": string,"system": string,"user_id": string }; Returns: undefined
                           },
"set_webhook_status":
{ Args: { "id": string,"status": string }; Returns: undefined
                           },
"setting":
{ Args: { "section": string,"system": string }; Returns: Json
                           },
"short_reference":
{ Args: { "number": number,"prefix": string }; Returns: string
                           },
"show_api_key":
{ Args: { "api_key": Omit<Database["platform"]['Tables']["api_keys"]['Row'], Database["platform"]['Tables']["api_keys"]['ComputedFields']> }; Returns: Json
                           },
"shown_email":
{ Args: { "email": string }; Returns: string
                           },
"sign_in_address":
{ Args: { "identifier": string,"system": string }; Returns: string
                           },
"siret_problem":
{ Args: { "siret": string }; Returns: string
                           },
"skip_references":
{ Args: { "numbers": unknown,"used": (string)[] }; Returns: undefined
                           },
"snake_case":
{ Args: { "name": string }; Returns: string
                           },
"spread_events":
{ Args: { "batch"?: number }; Returns: number
                           },
"table_behind":
{ Args: { "view": unknown }; Returns: unknown
                           },
"take_attempts":
{ Args: { "rules": (string)[],"subjects": (string)[],"system": string }; Returns: number
                           },
"take_deliveries":
{ Args: { "batch"?: number,"busy"?: (string)[],"lease"?: string }; Returns: {
              "attempts": number,
"available_at": string,
"created_at": string,
"deliver_before": string | null,
"delivered_at": string | null,
"endpoint_id": string | null,
"error": string | null,
"event_id": string | null,
"failed_at": string | null,
"id": string,
"kind": string,
"lane": string,
"payload": NonNullable<Json>,
"system": string,
"topic": string
            }[]
                          SetofOptions: {
        from: "*"
        to: "deliveries"
        isOneToOne: false
        isSetofReturn: true
      } },
"take_number":
{ Args: { "series": string,"system": string,"year"?: number }; Returns: {
              "last_day": string,
"last_number": number,
"series": string,
"system": string,
"year": number
            }
                          SetofOptions: {
        from: "*"
        to: "document_numbers"
        isOneToOne: true
        isSetofReturn: false
      } },
"take_slot":
{ Args: Record<PropertyKey, never>; Returns: number
                           },
"tell_system":
{ Args: { "event": string,"role": string,"system": string,"user_id": string }; Returns: undefined
                           },
"test_webhook":
{ Args: { "id": string }; Returns: string
                           },
"trimmed":
{ Args: { "value": string }; Returns: string
                           },
"uuid_v7":
{ Args: { "at"?: string }; Returns: string
                           },
"vat_number_form":
{ Args: { "country": string }; Returns: string
                           },
"vat_number_problem":
{ Args: { "number": string }; Returns: string
                           },
"vat_of":
{ Args: { "included"?: boolean,"lines": (Database["platform"]['CompositeTypes']["vat_line"])[] }; Returns: {
              "gross_cents": number,"net_cents": number,"rate_bp": number,"vat_cents": number
            }[]
                           },
"why_kept":
{ Args: { "reason": string }; Returns: string
                           }
          }
          Enums: {
            [_ in never]: never
          }
          CompositeTypes: {
            "figure": {
                        "metric": string | null,"subject": string | null,"month": string | null,"value": number | null
                      },"ledger_line": {
                        "kind": string | null,"owner": string | null,"amount": number | null
                      },"personal_place": {
                        "relation": string | null,"column_name": string | null,"whose": string | null,"shown": (string)[] | null,"fate": string | null,"why": string | null
                      },"rule": {
                        "field": string | null,"holds": boolean | null,"message": string | null
                      },"vat_line": {
                        "cents": number | null,"rate_bp": number | null
                      }
          }
        },"platform_api": {
          Tables: {
            [_ in never]: never
          }
          Views: {
            [_ in never]: never
          }
          Functions: {
            "accept_attempts":
{ Args: { "rules": (string)[],"subjects": (string)[],"system"?: string }; Returns: undefined
                           },
"api_key_accept":
{ Args: { "key": string,"system": string }; Returns: Json
                           },
"api_key_make":
{ Args: { "expiresAt"?: string,"name": string,"scopes": (string)[],"system": string }; Returns: Json
                           },
"api_key_revoke":
{ Args: { "id": string,"system": string }; Returns: Json
                           },
"api_keys":
{ Args: { "system": string }; Returns: Json[]
                           },
"audit":
{ Args: { "cursor"?: string,"entries"?: number,"from"?: string,"relation"?: string,"row"?: string,"system": string,"to"?: string }; Returns: Json
                           },
"forget_attempts":
{ Args: { "rules": (string)[],"subjects": (string)[],"system"?: string }; Returns: undefined
                           },
"mark_all_read":
{ Args: { "system": string }; Returns: number
                           },
"mark_read":
{ Args: { "id": string,"system": string }; Returns: Json
                           },
"me":
{ Args: { "system": string }; Returns: Json
                           },
"member_add":
{ Args: { "profile": Json,"role": string,"system": string,"userId": string }; Returns: Json
                           },
"member_check":
{ Args: { "email": string,"role": string,"system": string }; Returns: undefined
                           },
"member_reactivate":
{ Args: { "id": string,"system": string }; Returns: Json
                           },
"member_role":
{ Args: { "id": string,"role": string,"system": string }; Returns: Json
                           },
"member_suspend":
{ Args: { "id": string,"system": string }; Returns: Json
                           },
"members":
{ Args: { "page_offset"?: number,"page_size"?: number,"role_filter"?: string,"search"?: string,"system": string }; Returns: Json[]
                           },
"notifications":
{ Args: { "system": string }; Returns: {
              "createdAt": string,"id": string,"message": string,"read": boolean,"title": string,"type": string
            }[]
                           },
"rate_limit_change":
{ Args: { "allowed": number,"id": string,"periodSeconds": number,"system": string }; Returns: Json
                           },
"rate_limits":
{ Args: { "system": string }; Returns: {
              "allowed": number,"description": string,"id": string,"periodSeconds": number,"updatedAt": string
            }[]
                           },
"register":
{ Args: { "profile": Json,"role": string,"system": string,"userId": string }; Returns: undefined
                           },
"register_again":
{ Args: { "email": string,"profile": Json,"role": string,"system": string }; Returns: boolean
                           },
"release_attempts":
{ Args: { "rules": (string)[],"subjects": (string)[],"system"?: string }; Returns: undefined
                           },
"setting":
{ Args: { "section": string,"system": string }; Returns: Json
                           },
"setting_change":
{ Args: { "if_match"?: string,"section": string,"system": string,"value": Json }; Returns: Json
                           },
"settings":
{ Args: { "system": string }; Returns: {
              "description": string,"isOpen": boolean,"section": string,"updatedAt": string,"updatedBy": string,"value": Json,"version": number
            }[]
                           },
"sign_in_address":
{ Args: { "identifier": string,"system": string }; Returns: string
                           },
"take_attempts":
{ Args: { "rules": (string)[],"subjects": (string)[],"system"?: string }; Returns: number
                           },
"unread_count":
{ Args: { "system": string }; Returns: number
                           }
          }
          Enums: {
            [_ in never]: never
          }
          CompositeTypes: {
            [_ in never]: never
          }
        },"public": {
          Tables: {
            [_ in never]: never
          }
          Views: {
            "admin_audios": {
                  Row: {
                    "agentName": string,"date": string,"duration": string,"durationSeconds": number,"id": string,"leadCompany": string | null,"leadName": string,"qualificationResult": string,"size": string | null,"status": string
                  }
                  ComputedFields: never
                  Insert: {
                           "agentName"?: string | null,"date"?: string | null,"duration"?: string | null,"durationSeconds"?: number | null,"id"?: string | null,"leadCompany"?: string | null,"leadName"?: string | null,"qualificationResult"?: string | null,"size"?: string | null,"status"?: string | null
                         }
                        Update: {
                           "agentName"?: string | null,"date"?: string | null,"duration"?: string | null,"durationSeconds"?: number | null,"id"?: string | null,"leadCompany"?: string | null,"leadName"?: string | null,"qualificationResult"?: string | null,"size"?: string | null,"status"?: string | null
                         }
                        Relationships: [
                    
                  ]
                },"admin_credits_packs": {
                  Row: {
                    "active": boolean,"bonus": number,"credits": number,"id": string,"name": string,"popular": boolean,"price": number | null,"pricePerCredit": number | null
                  }
                  ComputedFields: never
                  Insert: {
                           "active"?: boolean | null,"bonus"?: number | null,"credits"?: number | null,"id"?: string | null,"name"?: string | null,"popular"?: boolean | null,"price"?: never,"pricePerCredit"?: never
                         }
                        Update: {
                           "active"?: boolean | null,"bonus"?: number | null,"credits"?: number | null,"id"?: string | null,"name"?: string | null,"popular"?: boolean | null,"price"?: never,"pricePerCredit"?: never
                         }
                        Relationships: [
                    
                  ]
                },"admin_credits_rules": {
                  Row: {
                    "active": boolean,"description": string,"id": string,"name": string,"unit": string,"value": number
                  }
                  ComputedFields: never
                  Insert: {
                           "active"?: boolean | null,"description"?: string | null,"id"?: string | null,"name"?: string | null,"unit"?: string | null,"value"?: number | null
                         }
                        Update: {
                           "active"?: boolean | null,"description"?: string | null,"id"?: string | null,"name"?: string | null,"unit"?: string | null,"value"?: number | null
                         }
                        Relationships: [
                    
                  ]
                },"admin_gains": {
                  Row: {
                    "company": string,"email": string,"fournisseur": string,"iban": string | null,"id": string,"lastPaymentDate": string | null,"paidAmount": number | null,"pendingAmount": number | null,"status": string,"totalEarnings": number | null,"totalLeadsSold": number | null
                  }
                  ComputedFields: never
                  Insert: {
                           "company"?: string | null,"email"?: string | null,"fournisseur"?: string | null,"iban"?: string | null,"id"?: string | null,"lastPaymentDate"?: string | null,"paidAmount"?: number | null,"pendingAmount"?: number | null,"status"?: string | null,"totalEarnings"?: number | null,"totalLeadsSold"?: number | null
                         }
                        Update: {
                           "company"?: string | null,"email"?: string | null,"fournisseur"?: string | null,"iban"?: string | null,"id"?: string | null,"lastPaymentDate"?: string | null,"paidAmount"?: number | null,"pendingAmount"?: number | null,"status"?: string | null,"totalEarnings"?: number | null,"totalLeadsSold"?: number | null
                         }
                        Relationships: [
                    
                  ]
                },"admin_imports": {
                  Row: {
                    "company": string,"duplicates": number,"fileName": string,"fournisseur": string,"id": string,"invalid": number,"processingTime": string | null,"status": string,"totalLeads": number,"uploadDate": string,"valid": number
                  }
                  ComputedFields: never
                  Insert: {
                           "company"?: string | null,"duplicates"?: number | null,"fileName"?: string | null,"fournisseur"?: string | null,"id"?: string | null,"invalid"?: number | null,"processingTime"?: string | null,"status"?: string | null,"totalLeads"?: number | null,"uploadDate"?: string | null,"valid"?: number | null
                         }
                        Update: {
                           "company"?: string | null,"duplicates"?: number | null,"fileName"?: string | null,"fournisseur"?: string | null,"id"?: string | null,"invalid"?: number | null,"processingTime"?: string | null,"status"?: string | null,"totalLeads"?: number | null,"uploadDate"?: string | null,"valid"?: number | null
                         }
                        Relationships: [
                    
                  ]
                },"admin_invoices": {
                  Row: {
                    "amount": number | null,"company": string | null,"corrects": string | null,"date": string,"description": string,"net": number | null,"number": string,"orderId": string | null,"type": string | null,"userName": string | null,"vat": number | null,"vatPercent": number
                  }
                  ComputedFields: never
                  Insert: {
                           "amount"?: never,"company"?: never,"corrects"?: never,"date"?: string | null,"description"?: string | null,"net"?: never,"number"?: string | null,"orderId"?: never,"type"?: never,"userName"?: never,"vat"?: never,"vatPercent"?: number | null
                         }
                        Update: {
                           "amount"?: never,"company"?: never,"corrects"?: never,"date"?: string | null,"description"?: string | null,"net"?: never,"number"?: string | null,"orderId"?: never,"type"?: never,"userName"?: never,"vat"?: never,"vatPercent"?: number | null
                         }
                        Relationships: [
                    
                  ]
                },"admin_orders": {
                  Row: {
                    "amount": number | null,"bonus": number,"checkoutUrl": string | null,"company": string | null,"createdAt": string | null,"creditNoteNumber": string | null,"credits": number,"email": string,"id": string,"invoiceNumber": string | null,"packId": string,"packName": string,"paymentReference": string | null,"provider": string | null,"refundReference": string | null,"refunds": Json | null,"status": string,"userName": string | null
                  }
                  ComputedFields: never
                  Insert: {
                           "amount"?: number | null,"bonus"?: number | null,"checkoutUrl"?: string | null,"company"?: string | null,"createdAt"?: string | null,"creditNoteNumber"?: string | null,"credits"?: number | null,"email"?: string | null,"id"?: string | null,"invoiceNumber"?: string | null,"packId"?: string | null,"packName"?: string | null,"paymentReference"?: string | null,"provider"?: string | null,"refundReference"?: string | null,"refunds"?: Json | null,"status"?: string | null,"userName"?: string | null
                         }
                        Update: {
                           "amount"?: number | null,"bonus"?: number | null,"checkoutUrl"?: string | null,"company"?: string | null,"createdAt"?: string | null,"creditNoteNumber"?: string | null,"credits"?: number | null,"email"?: string | null,"id"?: string | null,"invoiceNumber"?: string | null,"packId"?: string | null,"packName"?: string | null,"paymentReference"?: string | null,"provider"?: string | null,"refundReference"?: string | null,"refunds"?: Json | null,"status"?: string | null,"userName"?: string | null
                         }
                        Relationships: [
                    
                  ]
                },"admin_payouts": {
                  Row: {
                    "amount": number | null,"company": string,"date": string,"exportId": string | null,"failureReason": string | null,"fournisseur": string,"iban": string,"id": string,"leadsCount": number,"period": string,"reference": string,"settledAt": string | null,"status": string,"supplierId": string
                  }
                  ComputedFields: never
                  Insert: {
                           "amount"?: number | null,"company"?: string | null,"date"?: string | null,"exportId"?: string | null,"failureReason"?: string | null,"fournisseur"?: string | null,"iban"?: string | null,"id"?: string | null,"leadsCount"?: number | null,"period"?: string | null,"reference"?: string | null,"settledAt"?: string | null,"status"?: string | null,"supplierId"?: string | null
                         }
                        Update: {
                           "amount"?: number | null,"company"?: string | null,"date"?: string | null,"exportId"?: string | null,"failureReason"?: string | null,"fournisseur"?: string | null,"iban"?: string | null,"id"?: string | null,"leadsCount"?: number | null,"period"?: string | null,"reference"?: string | null,"settledAt"?: string | null,"status"?: string | null,"supplierId"?: string | null
                         }
                        Relationships: [
                    
                  ]
                },"admin_returns": {
                  Row: {
                    "amount": number | null,"comment": string | null,"company": string | null,"createdAt": string | null,"credits": number,"decidedAt": string | null,"id": string,"leadId": string,"leadName": string,"note": string | null,"reason": string,"status": string,"userName": string | null
                  }
                  ComputedFields: never
                  Insert: {
                           "amount"?: number | null,"comment"?: string | null,"company"?: string | null,"createdAt"?: string | null,"credits"?: number | null,"decidedAt"?: string | null,"id"?: string | null,"leadId"?: string | null,"leadName"?: string | null,"note"?: string | null,"reason"?: string | null,"status"?: string | null,"userName"?: string | null
                         }
                        Update: {
                           "amount"?: number | null,"comment"?: string | null,"company"?: string | null,"createdAt"?: string | null,"credits"?: number | null,"decidedAt"?: string | null,"id"?: string | null,"leadId"?: string | null,"leadName"?: string | null,"note"?: string | null,"reason"?: string | null,"status"?: string | null,"userName"?: string | null
                         }
                        Relationships: [
                    
                  ]
                },"admin_self_dealing": {
                  Row: {
                    "acheteur": string | null,"acheteurCompany": string | null,"buyerId": string | null,"createdAt": string | null,"credits": number | null,"decidedAt": string | null,"earned": number | null,"fournisseur": string,"fournisseurCompany": string,"held": number | null,"id": string,"note": string | null,"sales": number | null,"signs": (string)[],"status": string,"supplierId": string
                  }
                  ComputedFields: never
                  Insert: {
                           "acheteur"?: string | null,"acheteurCompany"?: string | null,"buyerId"?: string | null,"createdAt"?: string | null,"credits"?: number | null,"decidedAt"?: string | null,"earned"?: number | null,"fournisseur"?: string | null,"fournisseurCompany"?: string | null,"held"?: number | null,"id"?: string | null,"note"?: string | null,"sales"?: number | null,"signs"?: (string)[] | null,"status"?: string | null,"supplierId"?: string | null
                         }
                        Update: {
                           "acheteur"?: string | null,"acheteurCompany"?: string | null,"buyerId"?: string | null,"createdAt"?: string | null,"credits"?: number | null,"decidedAt"?: string | null,"earned"?: number | null,"fournisseur"?: string | null,"fournisseurCompany"?: string | null,"held"?: number | null,"id"?: string | null,"note"?: string | null,"sales"?: number | null,"signs"?: (string)[] | null,"status"?: string | null,"supplierId"?: string | null
                         }
                        Relationships: [
                    
                  ]
                },"admin_transactions": {
                  Row: {
                    "amount": number | null,"company": string | null,"credits": number | null,"date": string,"description": string,"id": string,"paymentMethod": string | null,"status": string,"type": string,"userName": string,"userRole": string
                  }
                  ComputedFields: never
                  Insert: {
                           "amount"?: never,"company"?: string | null,"credits"?: number | null,"date"?: string | null,"description"?: string | null,"id"?: string | null,"paymentMethod"?: string | null,"status"?: string | null,"type"?: string | null,"userName"?: string | null,"userRole"?: string | null
                         }
                        Update: {
                           "amount"?: never,"company"?: string | null,"credits"?: number | null,"date"?: string | null,"description"?: string | null,"id"?: string | null,"paymentMethod"?: string | null,"status"?: string | null,"type"?: string | null,"userName"?: string | null,"userRole"?: string | null
                         }
                        Relationships: [
                    
                  ]
                },"agent_imports": {
                  Row: {
                    "company": string,"duplicates": number | null,"fileName": string,"fournisseur": string,"id": string,"pending": number | null,"qualified": number | null,"rejected": number | null,"status": string,"totalLeads": number | null,"uploadDate": string
                  }
                  ComputedFields: never
                  Insert: {
                           "company"?: string | null,"duplicates"?: number | null,"fileName"?: string | null,"fournisseur"?: string | null,"id"?: string | null,"pending"?: number | null,"qualified"?: number | null,"rejected"?: number | null,"status"?: string | null,"totalLeads"?: number | null,"uploadDate"?: string | null
                         }
                        Update: {
                           "company"?: string | null,"duplicates"?: number | null,"fileName"?: string | null,"fournisseur"?: string | null,"id"?: string | null,"pending"?: number | null,"qualified"?: number | null,"rejected"?: number | null,"status"?: string | null,"totalLeads"?: number | null,"uploadDate"?: string | null
                         }
                        Relationships: [
                    
                  ]
                },"billing_credit_packs": {
                  Row: {
                    "bonus": number,"credits": number,"id": string,"name": string,"popular": boolean,"price": number | null
                  }
                  ComputedFields: never
                  Insert: {
                           "bonus"?: number | null,"credits"?: number | null,"id"?: string | null,"name"?: string | null,"popular"?: boolean | null,"price"?: never
                         }
                        Update: {
                           "bonus"?: number | null,"credits"?: number | null,"id"?: string | null,"name"?: string | null,"popular"?: boolean | null,"price"?: never
                         }
                        Relationships: [
                    
                  ]
                },"billing_invoices": {
                  Row: {
                    "amount": number | null,"corrects": string | null,"date": string,"description": string,"net": number | null,"number": string,"orderId": string | null,"type": string | null,"vat": number | null,"vatPercent": number
                  }
                  ComputedFields: never
                  Insert: {
                           "amount"?: never,"corrects"?: never,"date"?: string | null,"description"?: string | null,"net"?: never,"number"?: string | null,"orderId"?: never,"type"?: never,"vat"?: never,"vatPercent"?: number | null
                         }
                        Update: {
                           "amount"?: never,"corrects"?: never,"date"?: string | null,"description"?: string | null,"net"?: never,"number"?: string | null,"orderId"?: never,"type"?: never,"vat"?: never,"vatPercent"?: number | null
                         }
                        Relationships: [
                    
                  ]
                },"billing_notifications": {
                  Row: {
                    "createdAt": string | null,"id": string,"message": string,"read": boolean,"title": string,"type": string
                  }
                  ComputedFields: never
                  Insert: {
                           "createdAt"?: never,"id"?: string | null,"message"?: string | null,"read"?: boolean | null,"title"?: string | null,"type"?: string | null
                         }
                        Update: {
                           "createdAt"?: never,"id"?: string | null,"message"?: string | null,"read"?: boolean | null,"title"?: string | null,"type"?: string | null
                         }
                        Relationships: [
                    
                  ]
                },"billing_orders": {
                  Row: {
                    "amount": number | null,"bonus": number,"checkoutUrl": string | null,"createdAt": string | null,"creditNoteNumber": string | null,"credits": number,"id": string,"invoiceNumber": string | null,"packId": string,"packName": string,"status": string
                  }
                  ComputedFields: never
                  Insert: {
                           "amount"?: never,"bonus"?: number | null,"checkoutUrl"?: never,"createdAt"?: never,"creditNoteNumber"?: never,"credits"?: number | null,"id"?: string | null,"invoiceNumber"?: never,"packId"?: string | null,"packName"?: string | null,"status"?: string | null
                         }
                        Update: {
                           "amount"?: never,"bonus"?: number | null,"checkoutUrl"?: never,"createdAt"?: never,"creditNoteNumber"?: never,"credits"?: number | null,"id"?: string | null,"invoiceNumber"?: never,"packId"?: string | null,"packName"?: string | null,"status"?: string | null
                         }
                        Relationships: [
                    
                  ]
                },"billing_payments": {
                  Row: {
                    "amount": number | null,"date": string,"description": string,"id": string,"status": string,"type": string
                  }
                  ComputedFields: never
                  Insert: {
                           "amount"?: never,"date"?: string | null,"description"?: string | null,"id"?: string | null,"status"?: string | null,"type"?: string | null
                         }
                        Update: {
                           "amount"?: never,"date"?: string | null,"description"?: string | null,"id"?: string | null,"status"?: string | null,"type"?: string | null
                         }
                        Relationships: [
                    
                  ]
                },"billing_returns": {
                  Row: {
                    "amount": number | null,"comment": string | null,"createdAt": string | null,"credits": number,"decidedAt": string | null,"id": string,"leadId": string,"leadName": string,"note": string | null,"reason": string,"status": string
                  }
                  ComputedFields: never
                  Insert: {
                           "amount"?: number | null,"comment"?: string | null,"createdAt"?: string | null,"credits"?: number | null,"decidedAt"?: string | null,"id"?: string | null,"leadId"?: string | null,"leadName"?: string | null,"note"?: string | null,"reason"?: string | null,"status"?: string | null
                         }
                        Update: {
                           "amount"?: number | null,"comment"?: string | null,"createdAt"?: string | null,"credits"?: number | null,"decidedAt"?: string | null,"id"?: string | null,"leadId"?: string | null,"leadName"?: string | null,"note"?: string | null,"reason"?: string | null,"status"?: string | null
                         }
                        Relationships: [
                    
                  ]
                },"fournisseur_virements": {
                  Row: {
                    "amount": number | null,"date": string,"iban": string,"id": string,"leadsCount": number,"period": string,"reference": string,"status": string
                  }
                  ComputedFields: never
                  Insert: {
                           "amount"?: never,"date"?: string | null,"iban"?: string | null,"id"?: string | null,"leadsCount"?: number | null,"period"?: string | null,"reference"?: string | null,"status"?: string | null
                         }
                        Update: {
                           "amount"?: never,"date"?: string | null,"iban"?: string | null,"id"?: string | null,"leadsCount"?: number | null,"period"?: string | null,"reference"?: string | null,"status"?: string | null
                         }
                        Relationships: [
                    
                  ]
                },"imports": {
                  Row: {
                    "company": string,"createdAt": string | null,"duplicates": Json | null,"failure": string | null,"fileName": string,"fournisseur": string,"id": string,"inserted": number | null,"invalid": number,"processingTime": string | null,"read": number,"status": string,"undoneAt": string | null,"updated": number | null,"uploadDate": string
                  }
                  ComputedFields: never
                  Insert: {
                           "company"?: string | null,"createdAt"?: string | null,"duplicates"?: Json | null,"failure"?: string | null,"fileName"?: string | null,"fournisseur"?: string | null,"id"?: string | null,"inserted"?: number | null,"invalid"?: number | null,"processingTime"?: string | null,"read"?: number | null,"status"?: string | null,"undoneAt"?: string | null,"updated"?: number | null,"uploadDate"?: string | null
                         }
                        Update: {
                           "company"?: string | null,"createdAt"?: string | null,"duplicates"?: Json | null,"failure"?: string | null,"fileName"?: string | null,"fournisseur"?: string | null,"id"?: string | null,"inserted"?: number | null,"invalid"?: number | null,"processingTime"?: string | null,"read"?: number | null,"status"?: string | null,"undoneAt"?: string | null,"updated"?: number | null,"uploadDate"?: string | null
                         }
                        Relationships: [
                    
                  ]
                },"leads": {
                  Row: {
                    "channel": string | null,"city": string | null,"collectedAt": string | null,"company": string | null,"createdAt": string | null,"email": string | null,"firstName": string | null,"hasAudioRecording": boolean,"id": string,"isExclusive": boolean,"lastName": string | null,"notes": string | null,"phone": string | null,"phone2": string | null,"price": number | null,"qualificationStatus": string,"region": string,"score": number,"sector": string,"source": string | null,"status": string | null,"updatedAt": string | null
                  }
                  ComputedFields: never
                  Insert: {
                           "channel"?: string | null,"city"?: string | null,"collectedAt"?: string | null,"company"?: string | null,"createdAt"?: string | null,"email"?: string | null,"firstName"?: string | null,"hasAudioRecording"?: boolean | null,"id"?: string | null,"isExclusive"?: boolean | null,"lastName"?: string | null,"notes"?: string | null,"phone"?: string | null,"phone2"?: string | null,"price"?: number | null,"qualificationStatus"?: string | null,"region"?: string | null,"score"?: number | null,"sector"?: string | null,"source"?: string | null,"status"?: string | null,"updatedAt"?: string | null
                         }
                        Update: {
                           "channel"?: string | null,"city"?: string | null,"collectedAt"?: string | null,"company"?: string | null,"createdAt"?: string | null,"email"?: string | null,"firstName"?: string | null,"hasAudioRecording"?: boolean | null,"id"?: string | null,"isExclusive"?: boolean | null,"lastName"?: string | null,"notes"?: string | null,"phone"?: string | null,"phone2"?: string | null,"price"?: number | null,"qualificationStatus"?: string | null,"region"?: string | null,"score"?: number | null,"sector"?: string | null,"source"?: string | null,"status"?: string | null,"updatedAt"?: string | null
                         }
                        Relationships: [
                    
                  ]
                },"notifications": {
                  Row: {
                    "createdAt": string | null,"id": string,"message": string,"read": boolean,"title": string,"type": string
                  }
                  ComputedFields: never
                  Insert: {
                           "createdAt"?: string | null,"id"?: string | null,"message"?: string | null,"read"?: boolean | null,"title"?: string | null,"type"?: string | null
                         }
                        Update: {
                           "createdAt"?: string | null,"id"?: string | null,"message"?: string | null,"read"?: boolean | null,"title"?: string | null,"type"?: string | null
                         }
                        Relationships: [
                    
                  ]
                },"stats_score_explanations": {
                  Row: {
                    "contribution": number,"description": string,"feature": string
                  }
                  ComputedFields: never
                  Insert: {
                           "contribution"?: number | null,"description"?: string | null,"feature"?: string | null
                         }
                        Update: {
                           "contribution"?: number | null,"description"?: string | null,"feature"?: string | null
                         }
                        Relationships: [
                    
                  ]
                }
          }
          Functions: {
            "account_keep":
{ Args: { "bic": string,"changedBy": string,"fingerprint"?: string,"mask": string,"sealedIban": string,"supplierId": string,"validated": boolean }; Returns: Json
                           },
"admin_audio_recording":
{ Args: { "audio": string }; Returns: Record<string, unknown>
                           },
"admin_billing_settings":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"admin_billing_settings_change":
{ Args: { "settings": Json }; Returns: Json
                           },
"admin_calling_rules":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"admin_calling_rules_change":
{ Args: { "rules": Json }; Returns: Json
                           },
"admin_credits_pack_change":
{ Args: { "id": string,"if_match"?: string,"pack": Json }; Returns: Json
                           },
"admin_credits_pack_create":
{ Args: { "pack": Json }; Returns: Json
                           },
"admin_credits_pack_versions":
{ Args: { "id": string }; Returns: {
              "active": boolean,"bonus": number,"changedBy": string,"credits": number,"name": string,"popular": boolean,"price": number,"pricePerCredit": number,"validFrom": string,"version": number
            }[]
                           },
"admin_credits_rule_change":
{ Args: { "id": string,"if_match"?: string,"rule": Json }; Returns: Json
                           },
"admin_credits_rule_create":
{ Args: { "rule": Json }; Returns: Json
                           },
"admin_credits_rule_versions":
{ Args: { "id": string }; Returns: {
              "active": boolean,"changedBy": string,"description": string,"name": string,"unit": string,"validFrom": string,"value": number,"version": number
            }[]
                           },
"admin_gains_activate":
{ Args: { "iban"?: string,"id": string }; Returns: Json
                           },
"admin_gains_iban_check":
{ Args: { "bic"?: string,"iban": string,"id": string }; Returns: Json
                           },
"admin_gains_monthly":
{ Args: Record<PropertyKey, never>; Returns: {
              "gains": number,"month": string,"paid": number,"period": string
            }[]
                           },
"admin_gains_pay":
{ Args: { "idempotency_key"?: string,"supplierId": string }; Returns: Json
                           },
"admin_gains_suspend":
{ Args: { "id": string }; Returns: Json
                           },
"admin_import_accept":
{ Args: { "id": string }; Returns: Json
                           },
"admin_import_discard":
{ Args: { "id": string }; Returns: Json
                           },
"admin_import_undo":
{ Args: { "id": string }; Returns: Json
                           },
"admin_order":
{ Args: { "id": string }; Returns: Json
                           },
"admin_order_refund":
{ Args: { "amount"?: number,"id": string,"idempotency_key"?: string }; Returns: Json
                           },
"admin_payables":
{ Args: { "supplier"?: string }; Returns: {
              "amount": number,"code": string,"company": string,"fournisseur": string,"iban": string,"id": string,"leadsCount": number,"message": string,"status": string
            }[]
                           },
"admin_payout_confirm":
{ Args: { "ref": string }; Returns: Json
                           },
"admin_payout_fail":
{ Args: { "reason"?: string,"ref": string }; Returns: Json
                           },
"admin_payout_lines":
{ Args: { "ref": string }; Returns: {
              "amount": number,"buyer": string,"leadId": string,"soldAt": string,"type": string
            }[]
                           },
"admin_payouts_settle":
{ Args: { "entries": Json }; Returns: {
              "amount": number,"outcome": string,"reference": string,"result": string
            }[]
                           },
"admin_queue":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"admin_return_decide":
{ Args: { "accepted": boolean,"id": string,"note"?: string }; Returns: {
              "amount": number | null,
"comment": string | null,
"company": string | null,
"createdAt": string | null,
"credits": number,
"decidedAt": string | null,
"id": string,
"leadId": string,
"leadName": string,
"note": string | null,
"reason": string,
"status": string,
"userName": string | null
            }
                          SetofOptions: {
        from: "*"
        to: "admin_returns"
        isOneToOne: true
        isSetofReturn: false
      } },
"admin_self_dealing_decide":
{ Args: { "id": string,"note"?: string,"status": string }; Returns: {
              "acheteur": string | null,
"acheteurCompany": string | null,
"buyerId": string | null,
"createdAt": string | null,
"credits": number | null,
"decidedAt": string | null,
"earned": number | null,
"fournisseur": string,
"fournisseurCompany": string,
"held": number | null,
"id": string,
"note": string | null,
"sales": number | null,
"signs": (string)[],
"status": string,
"supplierId": string
            }
                          SetofOptions: {
        from: "*"
        to: "admin_self_dealing"
        isOneToOne: true
        isSetofReturn: false
      } },
"admin_transactions_monthly_revenue":
{ Args: Record<PropertyKey, never>; Returns: {
              "month": string,"payouts": number,"period": string,"revenus": number
            }[]
                           },
"admin_user_erase":
{ Args: { "id": string,"oppose"?: boolean }; Returns: Json
                           },
"admin_user_export":
{ Args: { "id": string }; Returns: Json
                           },
"agent_next_lead":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"billing_details":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"billing_details_change":
{ Args: { "details": Json }; Returns: Json
                           },
"billing_invoice":
{ Args: { "number": string }; Returns: Json
                           },
"billing_order":
{ Args: { "id": string }; Returns: Json
                           },
"billing_order_open":
{ Args: { "idempotency_key"?: string,"packId": string }; Returns: Json
                           },
"billing_order_send":
{ Args: { "order": string,"provider": string,"reference": string,"url": string }; Returns: Json
                           },
"billing_order_settle":
{ Args: { "order": string,"provider": string }; Returns: Json
                           },
"billing_payment_event":
{ Args: { "event": Json,"provider": string }; Returns: string
                           },
"billing_refund_answer":
{ Args: { "cause"?: string,"outcome": string,"reference"?: string,"refund": string }; Returns: Json
                           },
"billing_seller_incomplete":
{ Args: Record<PropertyKey, never>; Returns: undefined
                           },
"fournisseur_iban":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"fournisseur_iban_check":
{ Args: { "bic"?: string,"iban": string }; Returns: Json
                           },
"fournisseur_virement_lines":
{ Args: { "id": string }; Returns: {
              "amount": number,"leadId": string,"soldAt": string,"type": string
            }[]
                           },
"fournisseur_virements_monthly":
{ Args: Record<PropertyKey, never>; Returns: {
              "amount": number,"month": string,"period": string
            }[]
                           },
"gdpr_forget_recordings":
{ Args: { "paths": (string)[] }; Returns: undefined
                           },
"import_detail":
{ Args: { "id": string }; Returns: Json
                           },
"import_followed":
{ Args: { "id": string }; Returns: Json
                           },
"import_supplier":
{ Args: { "bytes"?: number,"fournisseur"?: string,"required"?: boolean }; Returns: string
                           },
"import_upload":
{ Args: { "fournisseur"?: string }; Returns: Record<string, unknown>
                           },
"lead_consent":
{ Args: { "id": string }; Returns: Record<string, unknown>
                           },
"lead_create":
{ Args: { "lead": Json }; Returns: {
              "channel": string | null,
"city": string | null,
"collectedAt": string | null,
"company": string | null,
"createdAt": string | null,
"email": string | null,
"firstName": string | null,
"hasAudioRecording": boolean,
"id": string,
"isExclusive": boolean,
"lastName": string | null,
"notes": string | null,
"phone": string | null,
"phone2": string | null,
"price": number | null,
"qualificationStatus": string,
"region": string,
"score": number,
"sector": string,
"source": string | null,
"status": string | null,
"updatedAt": string | null
            }
                          SetofOptions: {
        from: "*"
        to: "leads"
        isOneToOne: true
        isSetofReturn: false
      } },
"lead_delete":
{ Args: { "id": string,"if_match"?: string }; Returns: undefined
                           },
"lead_outcome":
{ Args: { "id": string,"outcome": string }; Returns: Json
                           },
"lead_price":
{ Args: { "id": string }; Returns: Record<string, unknown>
                           },
"lead_purchase":
{ Args: { "credits"?: number,"leadId": string,"price"?: number }; Returns: Json
                           },
"lead_qualify":
{ Args: { "id": string,"idempotency_key"?: string,"report": Json }; Returns: Json
                           },
"lead_recording":
{ Args: { "extension"?: string,"id": string }; Returns: Record<string, unknown>
                           },
"lead_return":
{ Args: { "comment"?: string,"id": string,"reason": string }; Returns: {
              "amount": number | null,
"comment": string | null,
"createdAt": string | null,
"credits": number,
"decidedAt": string | null,
"id": string,
"leadId": string,
"leadName": string,
"note": string | null,
"reason": string,
"status": string
            }
                          SetofOptions: {
        from: "*"
        to: "billing_returns"
        isOneToOne: true
        isSetofReturn: false
      } },
"lead_update":
{ Args: { "id": string,"if_match"?: string,"lead": Json }; Returns: {
              "channel": string | null,
"city": string | null,
"collectedAt": string | null,
"company": string | null,
"createdAt": string | null,
"email": string | null,
"firstName": string | null,
"hasAudioRecording": boolean,
"id": string,
"isExclusive": boolean,
"lastName": string | null,
"notes": string | null,
"phone": string | null,
"phone2": string | null,
"price": number | null,
"qualificationStatus": string,
"region": string,
"score": number,
"sector": string,
"source": string | null,
"status": string | null,
"updatedAt": string | null
            }
                          SetofOptions: {
        from: "*"
        to: "leads"
        isOneToOne: true
        isSetofReturn: false
      } },
"leads_search":
{ Args: { "cursor"?: string,"min_score"?: number,"page_size"?: number,"region"?: string,"search"?: string,"sector"?: string,"status"?: string }; Returns: {
              "channel": string | null,
"city": string | null,
"collectedAt": string | null,
"company": string | null,
"createdAt": string | null,
"email": string | null,
"firstName": string | null,
"hasAudioRecording": boolean,
"id": string,
"isExclusive": boolean,
"lastName": string | null,
"notes": string | null,
"phone": string | null,
"phone2": string | null,
"price": number | null,
"qualificationStatus": string,
"region": string,
"score": number,
"sector": string,
"source": string | null,
"status": string | null,
"updatedAt": string | null
            }[]
                          SetofOptions: {
        from: "*"
        to: "leads"
        isOneToOne: false
        isSetofReturn: true
      } },
"payout_batch":
{ Args: { "again"?: string,"executionDate"?: string }; Returns: Json
                           },
"payout_batch_mark":
{ Args: { "batch": Json,"createdAt": string,"messageId": string }; Returns: undefined
                           },
"payout_debtor_set":
{ Args: { "bic"?: string,"iban": string,"name": string }; Returns: Json
                           },
"stats_global":
{ Args: Record<PropertyKey, never>; Returns: Record<string, unknown>
                           },
"stats_monthly":
{ Args: Record<PropertyKey, never>; Returns: {
              "leads": number,"month": string,"period": string,"qualified": number,"revenue": number,"sold": number
            }[]
                           },
"stats_regions":
{ Args: Record<PropertyKey, never>; Returns: {
              "name": string,"value": number
            }[]
                           },
"stats_sectors":
{ Args: Record<PropertyKey, never>; Returns: {
              "color": string,"name": string,"value": number
            }[]
                           },
"users_acheteur":
{ Args: Record<PropertyKey, never>; Returns: Record<string, unknown>
                           },
"users_agent":
{ Args: Record<PropertyKey, never>; Returns: Record<string, unknown>
                           },
"users_fournisseur":
{ Args: Record<PropertyKey, never>; Returns: Record<string, unknown>
                           },
"users_me":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"users_me_change":
{ Args: { "profile": Json }; Returns: Json
                           },
"users_me_export":
{ Args: Record<PropertyKey, never>; Returns: Json
                           },
"users_search":
{ Args: { "username"?: string }; Returns: Json
                           }
          }
          Enums: {
            [_ in never]: never
          }
          CompositeTypes: {
            [_ in never]: never
          }
        }
}

type DatabaseWithoutInternals = Omit<Database, '__InternalSupabase'>

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">]

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])[TableName] extends {
      Row: infer R
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
  ? (DefaultSchema["Tables"] & DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
      Row: infer R
    }
    ? R
    : never
  : never

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Insert: infer I
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
  ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Insert: infer I
    }
    ? I
    : never
  : never

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never = never
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Update: infer U
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
  ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
      Update: infer U
    }
    ? U
    : never
  : never

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never = never
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
  ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
  : never

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never = never
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
  ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
  : never

export const Constants = {
  "leads": {
          Enums: {
            
          }
        },"platform": {
          Enums: {
            
          }
        },"platform_api": {
          Enums: {
            
          }
        },"public": {
          Enums: {
            
          }
        }
} as const
