// What mac.mm uses of Metal; see Foundation.h beside this folder.
#pragma once
#include <Foundation/Foundation.h>
#include <stdint.h>

@interface MTLArchitecture : NSObject
@property(readonly) NSString* name;
@end

@protocol MTLDevice <NSObject>
@property(readonly) NSString* name;
@property(readonly) MTLArchitecture* architecture;
@property(readonly) uint64_t recommendedMaxWorkingSetSize;
@end

extern "C" id<MTLDevice> MTLCreateSystemDefaultDevice(void);
