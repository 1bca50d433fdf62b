// What mac.mm uses of Foundation, declared by us from Apple's public documentation, for check-macos alone: Apple's own
// headers come only with Xcode. A real build never sees this folder.
#pragma once
#include <objc/NSObject.h>
#include <objc/objc.h>

@interface NSString : NSObject
@property(readonly) const char* UTF8String;
@end

typedef enum NSProcessInfoThermalState : long {
  NSProcessInfoThermalStateNominal,
  NSProcessInfoThermalStateFair,
  NSProcessInfoThermalStateSerious,
  NSProcessInfoThermalStateCritical
} NSProcessInfoThermalState;

@interface NSProcessInfo : NSObject
@property(class, readonly, strong) NSProcessInfo* processInfo;
@property(readonly) unsigned long long physicalMemory;
@property(readonly) NSProcessInfoThermalState thermalState;
@end
