
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

export type Database = {
  
  "public": {
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
                },"leads": {
                  Row: {
                    "channel": string | null,"city": string | null,"company": string | null,"createdAt": string | null,"email": string | null,"firstName": string,"hasAudioRecording": boolean,"id": string,"isExclusive": boolean,"lastName": string | null,"notes": string | null,"phone": string | null,"price": number | null,"qualificationStatus": string,"region": string,"score": number,"sector": string,"source": string | null,"status": string,"updatedAt": string | null
                  }
                  ComputedFields: never
                  Insert: {
                           "channel"?: string | null,"city"?: string | null,"company"?: string | null,"createdAt"?: string | null,"email"?: string | null,"firstName"?: string | null,"hasAudioRecording"?: boolean | null,"id"?: string | null,"isExclusive"?: boolean | null,"lastName"?: string | null,"notes"?: string | null,"phone"?: string | null,"price"?: number | null,"qualificationStatus"?: string | null,"region"?: string | null,"score"?: number | null,"sector"?: string | null,"source"?: string | null,"status"?: string | null,"updatedAt"?: string | null
                         }
                        Update: {
                           "channel"?: string | null,"city"?: string | null,"company"?: string | null,"createdAt"?: string | null,"email"?: string | null,"firstName"?: string | null,"hasAudioRecording"?: boolean | null,"id"?: string | null,"isExclusive"?: boolean | null,"lastName"?: string | null,"notes"?: string | null,"phone"?: string | null,"price"?: number | null,"qualificationStatus"?: string | null,"region"?: string | null,"score"?: number | null,"sector"?: string | null,"source"?: string | null,"status"?: string | null,"updatedAt"?: string | null
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
            "admin_audio_recording":
{ Args: { "audio": string }; Returns: Record<string, unknown>
                           },
"admin_gains_monthly":
{ Args: Record<PropertyKey, never>; Returns: {
              "gains": number,"month": string,"paid": number,"period": string
            }[]
                           },
"admin_transactions_monthly_revenue":
{ Args: Record<PropertyKey, never>; Returns: {
              "month": string,"payouts": number,"period": string,"revenus": number
            }[]
                           },
"fournisseur_virements_monthly":
{ Args: Record<PropertyKey, never>; Returns: {
              "amount": number,"month": string,"period": string
            }[]
                           },
"leads_search":
{ Args: { "cursor"?: string,"min_score"?: number,"page_size"?: number,"region"?: string,"search"?: string,"sector"?: string,"status"?: string }; Returns: {
              "channel": string | null,
"city": string | null,
"company": string | null,
"createdAt": string | null,
"email": string | null,
"firstName": string,
"hasAudioRecording": boolean,
"id": string,
"isExclusive": boolean,
"lastName": string | null,
"notes": string | null,
"phone": string | null,
"price": number | null,
"qualificationStatus": string,
"region": string,
"score": number,
"sector": string,
"source": string | null,
"status": string,
"updatedAt": string | null
            }[]
                          SetofOptions: {
        from: "*"
        to: "leads"
        isOneToOne: false
        isSetofReturn: true
      } },
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
  "public": {
          Enums: {
            
          }
        }
} as const
